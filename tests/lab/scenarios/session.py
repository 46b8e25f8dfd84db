"""The connection sequence above TLS, and how sessions end."""
import signal
import time

from kit.peers import CANCEL, click, close_window, move_mouse, shadow, stand_in, xfreerdp, xrdp
from kit.place import CLIENT
from kit.scenario import Scenario
from kit.truth import closing, died, fine, first, first_after, record_of, rst, sealed

from .common import fails, gives_up_after, works

SCRIPT = "real client; the server is a script"


def server_killed(stage, client):
    """All of xrdp is killed: it forks a process for each connection."""
    stage.mark("end")
    stage.shell("server", f"kill -KILL {' '.join(map(str, family(stage.peer.pid)))}")
    client.is_gone()


def family(pid):
    """A process and its children."""
    try:
        text = open(f"/proc/{pid}/task/{pid}/children", encoding="ascii").read()
    except OSError:
        return [pid]
    return [pid, *[other for child in text.split() for other in family(int(child))]]


def server_stopped(stage, client):
    stage.mark("end")
    stage.peer.end()
    client.is_gone()


def client_killed(stage, client):
    stage.mark("end")
    client.end(signal.SIGKILL)


def socket_killed(stage, client):
    stage.mark("end")
    stage.shell("server", f"ss -K dst {CLIENT} sport = :3389")
    client.is_gone()


def comes_back(stage, client):
    """The client reconnects by itself; then its user leaves."""
    stage.mark("end")
    stage.shell("server", f"ss -K dst {CLIENT} sport = :3389")
    stage.seen(lambda packet: packet.time > stage.marks["end"] and packet.flags == 2, what="a new connection")
    size = sum(len(packet.payload) for packet in stage.kept())
    stage.settle(size + 10000)
    close_window(stage, client)


def memory_lost(stage, client):
    """The server's host forgets the connection without a word, as after a power cut, and answers the next data."""
    stage.rule("-I FORWARD -j DROP")
    stage.shell("server", f"kill -KILL {' '.join(map(str, family(stage.peer.pid)))}; sleep 0.2; ss -K dst {CLIENT}")
    time.sleep(0.3)
    stage.no_rules()
    stage.mark("end")
    move_mouse(stage)
    client.is_gone()


def cancelled(stage, client):
    """The user clicks on Cancel in xrdp's own logon window, and xrdp ends the session."""
    stage.mark("end")
    click(stage, *CANCEL)
    client.is_gone()


def late(stage):
    """rdpwhy begins to watch when the session runs already."""
    client = xfreerdp(stage)
    client.says("Local framebuffer format")
    time.sleep(1)
    stage.look()
    move_mouse(stage)
    stage.settle()
    close_window(stage, client)


SCENARIOS = (
    Scenario(
        "mcs.refused--ultimatum-inside-tls", "An ultimatum answers Connect Initial.",
        server=lambda stage: stand_in(stage, "mcs-ultimatum", 1), play=fails("/sec:tls"), made=SCRIPT,
        # 9 bytes, and 17 of TLS 1.3.
        expect=(died("mcs.refused", "server", first("server", record_of(26))),),
        rest=died("mcs.refused", "server", first("server", record_of(26)))),
    Scenario(
        "mcs.stall--freerdp-gives-up", "Connect Initial is taken and never answered.",
        server=lambda stage: stand_in(stage, "mcs-silence"), play=gives_up_after(12, "/sec:tls"), made=SCRIPT,
        # Connect Initial is the first long word of the client behind TLS.
        expect=(died("mcs.stall", "server", first("client", sealed(300))),)),
    Scenario(
        "end.server-reset--process-killed", "The server's processes are killed in a session.",
        server=xrdp, play=works(server_killed),
        expect=(died("end.server-reset", "server", first_after("end", "server", closing)),)),
    Scenario(
        "end.server-reset--socket-killed", "The server's socket is destroyed in a session.",
        server=xrdp, play=works(socket_killed),
        expect=(died("end.server-reset", "server", first_after("end", "server", rst)),)),
    Scenario(
        "end.server-reset--client-comes-back", "The same, and the client reconnects by itself: one try.",
        server=xrdp, play=works(comes_back, "+auto-reconnect"),
        expect=(died("end.server-reset", "server", first_after("end", "server", rst)), fine(outcomes=("ok", "warn")))),
    Scenario(
        "end.server-reset--host-came-back", "The server's host forgets the connection, and resets it at the next key press.",
        server=xrdp, play=works(memory_lost),
        expect=(died("end.server-reset", "server", first_after("end", "server", rst)),)),
    Scenario(
        "end.server-ended--shadow-stopped", "The server is told to stop in a session.",
        server=shadow, play=works(server_stopped, "/sec:nla"),
        expect=(died(("end.server-ended", "end.server-reset"), "server", None),)),
    Scenario(
        "end.server-ended--user-logs-off", "The user clicks on Cancel in xrdp's logon window: xrdp says that the user logs off.",
        server=xrdp, play=works(cancelled, password=None),
        # That the user wanted it is sealed; after so short a time it may as well be a refusal. On a busy machine xrdp leaves
        # error info and ultimatum out and just closes: then nothing on the line tells it from a server that throws somebody out.
        expect=(fine(cause="end.server-ended", outcomes=("warn", "died")),)),
    Scenario(
        "end.client-died--killed", "The client is killed in a session.",
        server=xrdp, play=works(client_killed),
        expect=(died("end.client-died", "client", first_after("end", "client", closing)),)),
    Scenario(
        "cap.starts-mid-session--freerdp", "rdpwhy begins to watch when the session runs already; it ends well.",
        server=xrdp, play=late, is_late=True,
        expect=(fine("cap.starts-mid-session", outcomes=("unsure", "ok", "warn")),)),
)
