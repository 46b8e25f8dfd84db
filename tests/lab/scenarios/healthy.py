"""Sessions that go well, and must not be called dead."""
from kit.peers import at_work, close_window, rdesktop, shadow, xfreerdp, xrdp
from kit.place import SERVER6
from kit.scenario import Scenario
from kit.truth import fine, warned

from .common import works


def rdesktop_ended(stage):
    """Under standard security nobody can see whether the client said good-bye."""
    client = rdesktop(stage)
    stage.display("client").wait_for_window()
    stage.settle(5000)
    client.end()


def three_at_once(stage):
    clients = [xfreerdp(stage, name=f"xfreerdp-{number}") for number in range(3)]
    for client in clients:
        at_work(stage, client)
    stage.display("client").close_windows()
    for client in clients:
        client.is_gone()


# On a machine that is busy with other things a host is slow to acknowledge, and the other sends again what was only late:
# to somebody who looks on, that is loss.
GOODBYE = fine(cause=("ok.user-disconnect", "path.loss"), outcomes=("ok", "warn"))

SCENARIOS = (
    Scenario("healthy--tls13", "TLS 1.3; the user closes the window.", server=xrdp, play=works(), expect=(GOODBYE,)),
    Scenario(
        "healthy--tls12", "TLS 1.2, the certificate in clear.", server=lambda stage: xrdp(stage, tls="TLSv1.2"),
        play=works(close_window, "+enforce-tlsv1_2"), expect=(GOODBYE,)),
    Scenario("healthy--nla-tls13", "NLA; the user closes the window.", server=shadow, play=works(close_window, "/sec:nla"), expect=(GOODBYE,)),
    Scenario(
        "healthy--standard-security-rdesktop", "Standard security, RC4.", server=lambda stage: xrdp(stage, security="rdp"),
        play=rdesktop_ended, expect=(warned("rdp.standard-security"),)),
    Scenario(
        "healthy--no-session-manager", "xrdp without its session manager: the logon fails in the picture, where packets do not tell.",
        server=lambda stage: xrdp(stage, autorun="Xorg"), play=works(), expect=(GOODBYE,)),
    Scenario(
        "healthy--ipv6-xrdp", "The same over IPv6.", server=lambda stage: xrdp(stage, port="tcp6://:3389"), is_v6=True,
        play=works(host=SERVER6), expect=(GOODBYE,)),
    Scenario(
        "healthy--odd-port", "On port 13389, which rdpwhy is told of.", server=lambda stage: xrdp(stage, port=13389),
        play=works(port=13389), options=("--port", "13389"), ports=(3389, 13389), expect=(GOODBYE,)),
    Scenario(
        "healthy--expired-but-accepted", "The certificate expired, and the client takes it.",
        server=lambda stage: xrdp(stage, certificate="expired", tls="TLSv1.2"), play=works(close_window, "+enforce-tlsv1_2"),
        expect=(warned("tls.cert-expired"),)),
    Scenario(
        "healthy--three-at-once", "Three sessions side by side.", server=xrdp, play=three_at_once,
        expect=(GOODBYE, GOODBYE, GOODBYE)),
)
