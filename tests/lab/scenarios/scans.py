"""Not people."""
import time

from kit.peers import nmap, plain_client, shadow, xrdp
from kit.scenario import Scenario
from kit.truth import scan


def visits(count, pause):
    """A monitor that only looks whether somebody opens."""
    def play(stage):
        for _ in range(count):
            began = time.monotonic()
            plain_client(stage, "--until", "connect", "--after", "0").is_gone()
            time.sleep(max(0.0, pause - (time.monotonic() - began)))
    return play


# Of the first tries nobody can know yet that eleven more will come.
ENUMERATION = scan(("scan.negotiation", "scan.connect", "scan.syn"), early=("*",))

SCENARIOS = (
    Scenario(
        "scan.syn--nmap", "nmap asks whether the port is open, and no more.",
        server=xrdp, play=lambda stage: nmap(stage, "-sS"), expect=(scan("scan.syn"),), rest=scan("scan.syn")),
    Scenario(
        "scan.connect--nmap", "nmap connects and leaves.",
        server=xrdp, play=lambda stage: nmap(stage, "-sT"), expect=(scan("scan.connect"),), rest=scan("scan.connect")),
    Scenario(
        "scan.negotiation--nmap-enum-encryption", "nmap tries every protocol and cipher.",
        server=lambda stage: xrdp(stage, security="negotiate"), play=lambda stage: nmap(stage, "--script", "rdp-enum-encryption"),
        expect=(ENUMERATION,), rest=ENUMERATION),
    Scenario(
        "scan.ntlm-info--nmap", "nmap takes the names that the NTLM challenge tells, and leaves.",
        server=shadow, play=lambda stage: nmap(stage, "--script", "rdp-ntlm-info"),
        expect=(), rest=scan(("scan.ntlm-info", "scan.syn", "scan.connect"))),
    Scenario(
        "scan.health-check--every-second", "A monitor connects and leaves once a second.",
        server=xrdp, play=visits(8, 1.0), expect=(),
        rest=scan("scan.health-check", early=("scan.connect", "scan.syn"))),
)
