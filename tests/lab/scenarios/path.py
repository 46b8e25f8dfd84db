"""What the path does to packets."""
import signal

from kit.packets import SYN
from kit.peers import at_work, close_window, move_mouse, xfreerdp, xrdp
from kit.scenario import Scenario
from kit.truth import data, died, fine, first, first_after, hole, rst, warned

from .common import GIVES_UP, fails, works


def forged(on, *more):
    """A box at the router forges RSTs."""
    def server(stage):
        peer = xrdp(stage)
        stage.forger = stage.tool("router", "forger", "m0", "--on", on, *more)
        return peer
    return server


def narrow(stage):
    """The link to the client takes 1300 bytes, and nobody hears of it."""
    stage.shell("router", "ip link set m0 mtu 1300")
    stage.rule("-A OUTPUT -p icmp --icmp-type fragmentation-needed -j DROP")
    return xrdp(stage, certificate="chain", tls="TLSv1.2")


def narrow_but_said(stage):
    stage.shell("router", "ip link set m0 mtu 1300")
    return xrdp(stage, certificate="chain")


def cut(stage, client):
    """The wire is cut, and the user goes on."""
    stage.cut()
    move_mouse(stage)
    client.is_gone(GIVES_UP)


def deafened(stage, client):
    """The client's own firewall begins to keep the server's packets from it, and the user goes on."""
    stage.mark("cut")
    stage.shell("client", "iptables -w -A INPUT -p tcp --sport 3389 -j DROP")
    move_mouse(stage)
    try:
        client.is_gone(12)
    except TimeoutError:
        client.end(signal.SIGKILL)


def unplugged(stage, client):
    """The router's cable to the server is pulled, and it says so."""
    stage.mark("cut")
    stage.shell("router", "ip link set m1 down")
    move_mouse(stage)
    client.is_gone(GIVES_UP)


def forgotten_by_the_firewall(stage, client):
    """A firewall begins to answer in the server's name."""
    stage.mark("cut")
    stage.rule("-I FORWARD -p tcp --dport 3389 -j REJECT --reject-with tcp-reset")
    move_mouse(stage)
    client.is_gone(GIVES_UP)


def patient(stage):
    """Eleven seconds of nothing, and the user ends it: long enough for a keep-alive that shows the hole."""
    client = xfreerdp(stage)
    try:
        client.is_gone(11)
    except TimeoutError:
        client.end(signal.SIGKILL)


def neighbour_looked_for(stage):
    """The router does not find the server for two seconds, and keeps the SYNs until it does."""
    stage.shell("server", "sysctl -qw net.ipv4.conf.all.arp_ignore=8")
    client = xfreerdp(stage)
    stage.seen(lambda packet: packet.flags == SYN and packet.time > stage.kept()[0].time, what="a second SYN")
    stage.shell("server", "sysctl -qw net.ipv4.conf.all.arp_ignore=0")
    close_window(stage, at_work(stage, client))


# On a busy machine a host is slow to acknowledge, and the other sends again what was only late: that looks like loss.
LIVES = fine(cause=("ok.user-disconnect", "path.loss"), outcomes=("ok", "warn"))
FORGED = died("tcp.rst-injected", "middlebox", first("server", rst))

SCENARIOS = (
    Scenario(
        "path.mtu-black-hole--certificate-lost", "A link takes 1300 bytes and nobody says so: the certificate never arrives.",
        server=narrow, play=patient,
        expect=(died("path.mtu-black-hole", "network", hole("server"), is_live=False),),
        rest=died("path.mtu-black-hole", "network", hole("server"), is_live=False)),
    Scenario(
        "healthy--path-mtu-found", "The same link, and the router says so: the server sends smaller packets.",
        server=narrow_but_said, play=works(), expect=(LIVES,)),
    Scenario(
        "tcp.rst-injected--on-client-hello", "A box on the path does not like the ClientHello.",
        server=forged("hello"), play=fails(), expect=(FORGED,), rest=None),
    Scenario(
        "tcp.rst-injected--mid-session", "A box on the path kills a session.",
        server=forged("records:40"), play=fails(), expect=(FORGED,)),
    Scenario(
        "healthy--stray-rst-ignored", "A forged RST far outside the window changes nothing.",
        server=forged("records:30", "--to", "client", "--ahead", "30000"), play=works(), expect=(fine("tcp.rst-ignored", outcomes=("ok", "warn")),)),
    Scenario(
        "tcp.rst-injected--firewall-forgot", "In a session a firewall begins to answer the client in the server's name.",
        server=xrdp, play=works(forgotten_by_the_firewall),
        expect=(died("tcp.rst-injected", "middlebox", first_after("cut", "server", rst)),)),
    Scenario(
        "tcp.retransmit-giveup--path-goes-silent", "The wire is cut in a session, and nobody says so.",
        server=xrdp, wire=("--delay", 1), play=works(cut),
        # A client that gives up says nothing on the line, and a session may well be quiet: this is told at the end.
        expect=(died("tcp.retransmit-giveup", "network", first_after("cut", "client", data), is_live=False),)),
    Scenario(
        "tcp.retransmit-giveup--router-says-unreachable", "The router loses its way to the server, and says so by ICMP.",
        server=xrdp, play=works(unplugged),
        expect=(died("tcp.retransmit-giveup", "network", first_after("cut", "client", data), is_live=False),)),
    Scenario(
        "tcp.retransmit-giveup--client-stops-hearing", "The client's own firewall begins to drop what the server says.",
        server=xrdp, play=works(deafened),
        # Which of the server's packets is the first that does not come through depends on whether it has more to say than that
        # it heard.
        expect=(died("tcp.retransmit-giveup", "network", None, is_live=False),)),
    Scenario(
        "healthy--lossy", "Every fifth packet of each direction is lost; the session lives.",
        server=xrdp, wire=("--lose", 5), play=works(), expect=(warned("path.loss"),)),
    Scenario(
        "healthy--router-looks-for-the-server", "The router looks for the server for two seconds: the first packet is late, the path is quick.",
        server=xrdp, play=neighbour_looked_for, expect=(LIVES,)),
    Scenario(
        "healthy--slow", "The round trip takes half a second.",
        server=xrdp, wire=("--delay", 250), play=works(), expect=(warned("path.slow"),)),
    Scenario(
        "healthy--reordered-on-the-wire", "Every fifth packet is swapped with its successor, every seventh doubled.",
        server=xrdp, wire=("--swap", 5, "--double", 7), play=works(), expect=(LIVES,)),
)
