"""X.224: what the two want, and whether it is RDP at all."""
import signal

from kit.peers import shadow, stand_in, xrdp
from kit.scenario import Scenario
from kit.truth import data, died, first, fin, rst, ultimatum, x224

from .common import fails, gives_up_after

SCRIPT = "real client; the server is a script"
REFUSAL = first("server", x224(0xD0))


def refuses(name, story, code, cause):
    """The server sends a negotiation failure that no packaged one sends."""
    verdict = died(cause, "server", REFUSAL, sure=("proven",))
    return Scenario(name, story, server=lambda stage: stand_in(stage, "request-refuse", code), play=fails("/sec:tls"),
                    expect=(verdict,), rest=verdict, made=SCRIPT)


def declined(name, story, server, client, cause):
    """A packaged server sends a negotiation failure."""
    verdict = died(cause, "server", REFUSAL, sure=("proven",))
    return Scenario(name, story, server=server, play=fails(client), expect=(verdict,), rest=verdict)


def scripted(name, story, step, value, verdict, play=fails("/sec:tls")):
    return Scenario(name, story, server=lambda stage: stand_in(stage, step, value), play=play, expect=(verdict,), rest=verdict,
                    made=SCRIPT)


def web_server(stage):
    return stage.start("server", "http", "/usr/bin/python3", "-m", "http.server", "3389").listens()


def hung(stage):
    """The kernel goes on to answer for a process that does not."""
    server = xrdp(stage)
    server.send(signal.SIGSTOP)
    return server


SCENARIOS = (
    declined("neg.hybrid-required--shadow", "The server insists on NLA; the client offers TLS only.",
             lambda stage: shadow(stage, "nla"), "/sec:tls", "neg.hybrid-required"),
    declined("neg.ssl-required--shadow", "The server insists on TLS; the client offers standard security only.",
             lambda stage: shadow(stage, "tls"), "/sec:rdp", "neg.ssl-required"),
    declined("neg.ssl-not-allowed--shadow", "The server does standard security only; the client wants TLS.",
             lambda stage: shadow(stage, "rdp"), "/sec:tls", "neg.ssl-not-allowed"),
    declined("neg.ssl-cert-not-on-server--xrdp", "The server cannot read its certificate.",
             lambda stage: xrdp(stage, certificate=None), "/sec:tls", "neg.ssl-cert-not-on-server"),
    refuses("neg.inconsistent-flags--failure-4", "Failure 4.", 4, "neg.inconsistent-flags"),
    refuses("neg.ssl-with-user-auth-required--freerdp", "Failure 6.", 6, "neg.ssl-with-user-auth-required"),
    refuses("neg.unknown-failure--freerdp", "Failure 7, which no specification knows.", 7, "neg.unknown-failure"),
    Scenario(
        "neg.ssl-required--xrdp-says-nothing",
        "The server takes TLS only and does not say so: a bare confirm, then an ultimatum where Connect Response belongs.",
        server=xrdp, play=fails("/sec:rdp"),
        expect=(died("neg.ssl-required", "server", first("server", ultimatum)),),
        rest=died("neg.ssl-required", "server", first("server", ultimatum))),
    scripted("neg.foreign-selection--freerdp", "The server selects what the client did not offer.", "request-select", 8,
             died("neg.foreign-selection", "server", REFUSAL)),
    scripted("neg.no-answer-block--client-leaves", "The server does not negotiate, and the client, who wants TLS, leaves.",
             "request-no-block", 0, died("neg.no-answer-block", "server", REFUSAL)),
    scripted("x224.close-on-cr--fin", "FIN answers the request.", "request-close", 0,
             died("x224.close-on-cr", "server", first("server", fin))),
    scripted("x224.close-on-cr--reset", "RST answers the request.", "request-reset", 0,
             died("x224.close-on-cr", "server", first("server", rst))),
    scripted("x224.disconnect-request--freerdp", "An X.224 Disconnect Request answers the request.", "request-disconnect", 0,
             died("x224.disconnect-request", "server", first("server", x224(0x80)))),
    scripted("x224.not-rdp--http", "HTTP answers the request.", "request-http", 0,
             died("x224.not-rdp", "server", first("server", data))),
    scripted("x224.not-rdp--ssh-banner", "An SSH server speaks first.", "banner-ssh", 0,
             died("x224.not-rdp", "server", first("server", data))),
    Scenario(
        "x224.not-rdp--http-page", "A real web server listens on the port.", server=web_server, play=fails("/sec:tls"),
        # http.server waits for the end of a line, and what it then says depends on where the request was cut.
        expect=(died(("x224.not-rdp", "x224.no-confirm", "x224.close-on-cr"), ("server", "client"), None),),
        rest=died(("x224.not-rdp", "x224.no-confirm", "x224.close-on-cr"), ("server", "client"), None)),
    Scenario(
        "x224.no-confirm--server-hung", "The server process is stopped: its kernel takes the request, nobody answers it.",
        server=hung, play=gives_up_after(6, "/sec:tls"),
        expect=(died("x224.no-confirm", "server", first("client", x224(0xE0)), is_live=False),)),
)
