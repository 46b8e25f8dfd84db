"""The network of a scenario. Each of the three stands in a network namespace of its own:

    client 10.77.1.10 c0 --- m0 10.77.1.1 router 10.77.2.1 m1 --- s0 10.77.2.20 server

With a wire, frames between router and server go through a program that delays, loses, swaps or doubles them, because
not every kernel has netem: `m1 --- w0 wire w1 --- s0`.
"""
import subprocess

from .children import sh

CLIENT, SERVER, ROUTER = "10.77.1.10", "10.77.2.20", "10.77.1.1"
CLIENT6, SERVER6 = "fd77:1::10", "fd77:2::20"
PORT = 3389

#: The interface that is watched, by where.
TAPS = {"client": "c0", "router": "m0", "server": "s0"}

ADDRESSES = {
    "c0": ("10.77.1.10/24", "fd77:1::10/64"),
    "m0": ("10.77.1.1/24", "fd77:1::1/64"),
    "m1": ("10.77.2.1/24", "fd77:2::1/64"),
    "s0": ("10.77.2.20/24", "fd77:2::20/64"),
}
GATEWAYS = {"client": ("10.77.1.1", "fd77:1::1"), "server": ("10.77.2.1", "fd77:2::1")}


def build(has_wire=False, is_v6=False):
    """Makes namespaces, links and routes."""
    links = [("c0", "client", "m0", "router")]
    links += [("m1", "router", "w0", "wire"), ("w1", "wire", "s0", "server")] if has_wire else [("m1", "router", "s0", "server")]
    places = {}
    for here, place, there, other in links:
        places.setdefault(place, []).append(here)
        places.setdefault(other, []).append(there)
    lines = [f"netns add {place}" for place in places]
    lines += [f"link add {here} netns {place} type veth peer name {there} netns {other}" for here, place, there, other in links]
    subprocess.run(["ip", "-batch", "-"], input="\n".join(lines), text=True, check=True)
    for place, devices in places.items():
        sh(place, "\n".join(configuration(place, devices, is_v6)))


def configuration(place, devices, is_v6):
    """The shell lines that make a namespace ready."""
    yield "ip link set lo up"
    # Without it, hosts that look for neighbours and routers fill the captures.
    yield f"sysctl -qw net.ipv6.conf.all.disable_ipv6={int(not is_v6)} net.ipv6.conf.default.disable_ipv6={int(not is_v6)}"
    # Nobody has the same address, and the wait for one that might holds the first packet back.
    yield "sysctl -qw net.ipv6.conf.all.accept_dad=0 net.ipv6.conf.default.accept_dad=0" if is_v6 else ":"
    yield "sysctl -qw " + " ".join(f"net.ipv6.conf.{device}.accept_dad=0" for device in devices) if is_v6 else ":"
    for device in devices:
        # As on a real wire: frames of at most 1514 bytes, with checksums.
        yield f"ethtool -K {device} tx off rx off tso off gso off gro off >/dev/null"
        yield f"ip link set {device} up"
        if device in ADDRESSES:
            four, six = ADDRESSES[device]
            yield f"ip addr add {four} dev {device}"
            yield f"ip addr add {six} dev {device} nodad" if is_v6 else ":"
    if place in GATEWAYS:
        four, six = GATEWAYS[place]
        yield f"ip route add default via {four}"
        yield f"ip -6 route add default via {six}" if is_v6 else ":"
    if place == "router":
        yield "sysctl -qw net.ipv4.ip_forward=1" + (" net.ipv6.conf.all.forwarding=1" if is_v6 else "")
