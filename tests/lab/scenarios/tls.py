"""TLS and the certificate."""
import os

from kit.peers import close_window, rdesktop, shadow, stand_in, xfreerdp, xrdp
from kit.place import SERVER
from kit.scenario import Scenario
from kit.stage import CERTIFICATES
from kit.truth import alert, closing, died, fin, fine, first, hello, rst, sealed_goodbye, ultimatum

from .common import fails, gives_up_after, plain, works

SCRIPT = "real client; the server is a script"
STRICT = "OpenSSL client of the lab to xrdp"


def trusts(certificate):
    """The strict client knows this certificate, so that only its fault is left to complain about."""
    return ("--trust", CERTIFICATES / f"{certificate}.crt")


def strict(name, story, certificate, code, cause, *client):
    """A client that checks certificates says with an alert what it thinks of this one."""
    return Scenario(name, story, server=lambda stage: xrdp(stage, certificate=certificate, tls="TLSv1.2", ciphers="ALL:@SECLEVEL=0"),
                    play=plain("--tls", "1.2", *(client or trusts(certificate))), made=STRICT,
                    expect=(died(cause, "client", first("client", alert(code))),))


def scripted(name, story, step, value, verdict, play=fails("/sec:tls"), **more):
    return Scenario(name, story, server=lambda stage: stand_in(stage, step, value), play=play, expect=(verdict,), rest=verdict,
                    made=SCRIPT, **more)


def boxed(server, *options):
    """A box on the router takes all connections to the server."""
    def start(stage):
        peer = server(stage)
        stage.rule("-t nat -A PREROUTING -i m0 -p tcp --dport 3389 -j REDIRECT --to-ports 4444")
        stage.tool("router", "middlebox", 4444, SERVER, "--certificate", CERTIFICATES / "inspected.crt",
                   "--key", CERTIFICATES / "inspected.key", *options)
        return peer
    return start


def asked(start, answer):
    """The client asks its user about the certificate."""
    def play(stage):
        reader, writer = os.pipe()
        client = start(stage, reader)
        os.close(reader)
        stage.settle(1000)
        os.write(writer, answer)
        os.close(writer)
        client.is_gone()
    return play


def old(stage):
    return xrdp(stage, tls="TLSv1", ciphers="ALL:@SECLEVEL=0")


SCENARIOS = (
    Scenario(
        "tls.version-mismatch--client-13-only", "The client does TLS 1.3 only, the server 1.2 only.",
        server=lambda stage: xrdp(stage, tls="TLSv1.2"), play=plain("--tls", "1.3"), made=STRICT,
        expect=(died("tls.version-mismatch", "server", first("server", alert(70))),)),
    Scenario(
        "tls.version-mismatch--client-10-only", "The client is old: TLS 1.0 only.",
        server=xrdp, play=plain("--tls", "1.0"), made=STRICT,
        expect=(died("tls.version-mismatch", "server", first("server", alert(70))),)),
    Scenario(
        "tls.version-mismatch--server-13-only", "The server does TLS 1.3 only, the client at most 1.2.",
        server=lambda stage: xrdp(stage, tls="TLSv1.3"), play=fails("+enforce-tlsv1_2"),
        expect=(died("tls.version-mismatch", "server", first("server", alert(70))),),
        rest=died("tls.version-mismatch", "server", first("server", alert(70)))),
    Scenario(
        "tls.cipher-mismatch--no-common-suite", "No cipher suite in common.",
        server=lambda stage: xrdp(stage, tls="TLSv1.2", ciphers="ECDHE-RSA-AES128-GCM-SHA256"),
        play=fails("/tls-ciphers:AES256-SHA", "+enforce-tlsv1_2"),
        expect=(died("tls.cipher-mismatch", "server", first("server", alert(40))),),
        rest=died("tls.cipher-mismatch", "server", first("server", alert(40)))),
    strict("tls.cert-expired--openssl-alert", "The certificate expired years ago.", "expired", 45, "tls.cert-expired"),
    # OpenSSL knows one word for both ends of the validity.
    strict("tls.cert-not-yet-valid--openssl-alert", "The certificate begins in years.", "future", 42, "tls.cert-not-yet-valid"),
    strict("tls.cert-untrusted--openssl-alert", "The client does not know the issuer.", "selfsigned", 48, "tls.cert-untrusted", *trusts("ca")),
    strict("tls.cert-name-mismatch--openssl-alert", "The certificate is for another host.", "othername", 42, "tls.cert-name-mismatch"),
    strict("tls.cert-wrong-usage--openssl-alert", "The certificate was made for clients.", "forclients", 43, "tls.cert-wrong-usage"),
    strict("tls.cert-weak--openssl-alert", "The certificate's key has 1024 bits.", "weak", 42, "tls.cert-weak",
           *trusts("weak"), "--level", "2"),
    Scenario(
        "tls.cert-untrusted--tls13", "The same with TLS 1.3: certificate and alert are sealed.",
        server=lambda stage: xrdp(stage, certificate="selfsigned"), play=plain("--tls", "1.3", *trusts("ca")), made=STRICT,
        # The alert of OpenSSL comes before its keys change, and is in clear if so.
        expect=(died(("tls.client-refuses", "tls.cert-untrusted"), "client", None),)),
    Scenario(
        "tls.cert-expired--freerdp-deny", "The certificate expired; xfreerdp may not take it and leaves after the handshake.",
        server=lambda stage: xrdp(stage, certificate="expired", tls="TLSv1.2"), play=fails(certificate="deny"),
        # The sealed close_notify is the client's word; who is then quicker with a FIN is a race.
        expect=(died(("tls.client-refuses", "tls.cert-expired"), "client", first("client", sealed_goodbye),
                     findings=("tls.cert-expired",)),)),
    Scenario(
        "tls.client-refuses--user-says-no", "The user is asked about the certificate, and says no.",
        server=lambda stage: xrdp(stage, certificate="selfsigned"),
        play=asked(lambda stage, stdin: xfreerdp(stage, certificate=None, stdin=stdin), b"N\n"),
        expect=(died("tls.client-refuses", "client", first("client", sealed_goodbye)),)),
    Scenario(
        "tls.client-refuses--gnutls-user-says-no", "The same with rdesktop.",
        server=lambda stage: xrdp(stage, certificate="selfsigned"),
        play=asked(lambda stage, stdin: rdesktop(stage, stdin=stdin), b"no\n"),
        expect=(died("tls.client-refuses", "client", first("client", closing)),)),
    Scenario(
        "tls.cert-key-mismatch--swapped", "A box puts its own certificate into the server's handshake.",
        server=boxed(lambda stage: xrdp(stage, tls="TLSv1.2"), "--swap"), play=fails("+enforce-tlsv1_2"),
        expect=(died("tls.cert-key-mismatch", "client", first("client", alert(51))),),
        rest=died("tls.cert-key-mismatch", "client", first("client", alert(51)))),
    Scenario(
        "tls.server-silent-close--plain-ultimatum", "The server's key does not fit its certificate: xrdp cannot begin TLS.",
        server=lambda stage: xrdp(stage, key="other"), play=fails(),
        expect=(died("tls.server-silent-close", "server", first("server", ultimatum)),),
        rest=died("tls.server-silent-close", "server", first("server", ultimatum))),
    Scenario(
        "tls.alert-server--shadow-wrong-key", "The same with freerdp-shadow, which says handshake_failure.",
        server=lambda stage: shadow(stage, "tls", key="other"), play=fails("/sec:tls"),
        # Nothing on the wire tells it from a server without a common suite.
        expect=(died(("tls.alert-server", "tls.cipher-mismatch"), "server", first("server", alert(40))),),
        rest=died(("tls.alert-server", "tls.cipher-mismatch"), "server", first("server", alert(40)))),
    scripted("tls.server-silent-close--closes", "FIN answers the ClientHello.", "hello-close", 0,
             died("tls.server-silent-close", "server", first("server", fin))),
    scripted("tls.server-silent-close--rst", "RST answers the ClientHello.", "hello-reset", 0,
             died("tls.server-silent-close", "server", first("server", rst))),
    scripted("tls.alert-server--internal-error", "The server says internal_error.", "hello-alert", 80,
             died("tls.alert-server", "server", first("server", alert(80)))),
    scripted("tls.handshake-stall--hello-unanswered", "The ClientHello is taken and not answered.", "hello-silence", 0,
             died("tls.handshake-stall", "server", first("client", hello), is_live=False), gives_up_after(7, "/sec:tls")),
    Scenario(
        "tls.client-cert-asked--none-given", "The server wants a certificate of the client, who has none.",
        server=lambda stage: stand_in(stage, "tls-ask", 0, "--tls", "1.2"), play=fails("/sec:tls"), made=SCRIPT,
        expect=(died("tls.client-cert-asked", "server", first("server", lambda packet: alert(40)(packet) or alert(116)(packet))),),
        rest=died("tls.client-cert-asked", "server", first("server", lambda packet: alert(40)(packet) or alert(116)(packet)))),
    Scenario(
        "rdp.closed-after-tls--at-once", "TLS is up, and the server leaves at once.",
        server=lambda stage: stand_in(stage, "tls-close", 0, "--tls", "1.2"), play=fails("/sec:tls"), made=SCRIPT,
        # The client goes on as soon as TLS is up; whether its Connect Initial was first on the line is a race.
        expect=(died(("rdp.closed-after-tls", "mcs.refused"), "server", first("server", sealed_goodbye)),),
        rest=died(("rdp.closed-after-tls", "mcs.refused"), "server", first("server", sealed_goodbye))),
    scripted("mcs.refused--reset-after-connect-initial", "TLS is up, the client begins with MCS, and the server resets.", "tls-reset", 0,
             died("mcs.refused", "server", first("server", rst))),
    Scenario(
        "tls.interception--works", "A box signs the certificate anew, and all works.",
        server=boxed(lambda stage: xrdp(stage, tls="TLSv1.2")), play=works(close_window, "+enforce-tlsv1_2"),
        expect=(fine("tls.interception", outcomes=("ok", "warn")),)),
)
