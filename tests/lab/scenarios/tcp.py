"""Before a word is said."""
from kit.peers import plain_client, stand_in, xfreerdp, xrdp
from kit.scenario import Scenario
from kit.truth import closing, died, first, icmp, rst, syn, syn_ack

from .common import fails, gives_up_after

SCRIPT = "real client; the server is a script"


def refused_by_the_router(stage):
    """Somebody gets through, so that the server's distance is known; then the router begins to refuse."""
    plain_client(stage).is_gone()
    stage.rule("-A FORWARD -p tcp --dport 3389 -j REJECT --reject-with tcp-reset")
    xfreerdp(stage).is_gone()


def rejects(how):
    def play(stage):
        stage.rule(f"-A FORWARD -p tcp --dport 3389 -j REJECT --reject-with {how}")
        xfreerdp(stage).is_gone()
    return play


def drops(rule, then):
    def play(stage):
        stage.rule(rule)
        then(stage)
    return play


REFUSED = died("tcp.refused", "server", first("server", rst))
# The client may give up before rdpwhy calls silence a death by itself, and is told at the end.
UNANSWERED = died("tcp.syn-no-answer", "network", first("client", syn), is_live=False)
# The client speaks as soon as it is connected. Whether its request or the server's good-bye is first on the line is a race,
# and each has its name.
CLOSED = died(("tcp.closed-on-accept", "x224.close-on-cr"), "server", first("server", closing))

SCENARIOS = (
    Scenario(
        "tcp.refused--port-closed", "Nobody listens on the port.",
        play=fails(), expect=(REFUSED,), rest=REFUSED),
    Scenario(
        "tcp.refused-by-middlebox--router", "The router, nearer than the server, refuses the second client in the server's name.",
        server=xrdp, wire=("--delay", 40), play=refused_by_the_router,
        # The first one leaves after TLS, as a client that refuses the certificate does: what it was does not matter here.
        expect=(died("tls.client-refuses", "client", None),),
        rest=died("tcp.refused-by-middlebox", "middlebox", first("server", rst))),
    Scenario(
        "tcp.icmp-unreachable--prohibited", "The router answers with ICMP: prohibited.",
        server=xrdp, play=rejects("icmp-admin-prohibited"),
        expect=(died("tcp.icmp-unreachable", "middlebox", first("router", icmp)),),
        rest=died("tcp.icmp-unreachable", "middlebox", first("router", icmp))),
    Scenario(
        "tcp.syn-no-answer--firewall-drops", "The router drops the SYNs.",
        server=xrdp, play=drops("-A FORWARD -p tcp --dport 3389 --syn -j DROP", gives_up_after(5)),
        expect=(UNANSWERED,), rest=UNANSWERED),
    Scenario(
        "tcp.synack-unacked--way-back-blocked", "The server answers, and the way back is blocked; seen at the server.",
        server=xrdp, tap="server", play=drops("-A FORWARD -p tcp --sport 3389 -j DROP", gives_up_after(5)),
        expect=(died("tcp.synack-unacked", "network", first("server", syn_ack), is_live=False),),
        rest=died("tcp.synack-unacked", "network", first("server", syn_ack), is_live=False)),
    Scenario(
        "tcp.closed-on-accept--fin", "The server takes the connection and closes it at once.",
        server=lambda stage: stand_in(stage, "accept-close"), play=fails(), made=SCRIPT,
        expect=(CLOSED,), rest=CLOSED),
    Scenario(
        "tcp.closed-on-accept--reset", "The same with a RST, as a forwarder without a target does.",
        server=lambda stage: stand_in(stage, "accept-reset"), play=fails(), made=SCRIPT,
        expect=(CLOSED,), rest=CLOSED),
)
