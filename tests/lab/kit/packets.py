"""A look at the kept packets that owes nothing to the program under test: pcapng, Ethernet, IP, TCP and ICMP, read here.

Scenarios say with it which frame is the first alert, the first RST, the first question after the cut.
"""
import struct
from dataclasses import dataclass, field
from ipaddress import ip_address

SECTION, INTERFACE, PACKET = 0x0A0D0D0A, 1, 6
FIN, SYN, RST, ACK = 1, 2, 4, 16


@dataclass
class Packet:
    """A frame, as far as scenarios care."""
    frame: int
    time: float
    source: str
    target: str
    ttl: int
    ports: tuple = (0, 0)
    flags: int = 0
    seq: int = 0
    ack: int = 0
    payload: bytes = b""
    icmp: tuple = ()

    @property
    def next_seq(self):
        return (self.seq + len(self.payload) + bool(self.flags & SYN) + bool(self.flags & FIN)) & 0xFFFFFFFF


@dataclass
class Connection:
    """A TCP connection and the ICMP errors about it."""
    client: tuple
    server: tuple
    packets: list = field(default_factory=list)

    def sent_by(self, who):
        """The packets that carry the address of `who`, client or server; `router`: ICMP errors."""
        if who == "router":
            return [packet for packet in self.packets if packet.icmp]
        address, port = getattr(self, who)
        return [packet for packet in self.packets if not packet.icmp and (packet.source, packet.ports[0]) == (address, port)]


def blocks(data):
    """Type and body of each block of a pcapng file; one that is cut off is left out."""
    at = 0
    while at + 12 <= len(data):
        kind, length = struct.unpack_from("<II", data, at)
        if length < 12 or at + length > len(data):
            return
        yield kind, data[at + 8:at + length - 4]
        at += length


def resolution(body):
    """Ticks a second, from the options of an Interface Description Block (pcapng 4.2: if_tsresol is option 9)."""
    at = 8
    while at + 4 <= len(body):
        code, length = struct.unpack_from("<HH", body, at)
        if code == 9:
            value = body[at + 4]
            return 2 ** (value & 127) if value & 128 else 10 ** value
        at += 4 + (length + 3) // 4 * 4
    return 10 ** 6


def read(path):
    """The packets of a pcapng file in little-endian byte order with Ethernet frames."""
    ticks, frame, packets = [], 0, []
    with open(path, "rb") as file:
        data = file.read()
    for kind, body in blocks(data):
        if kind == INTERFACE:
            ticks.append(resolution(body))
        elif kind == PACKET:
            frame += 1
            interface, high, low, kept, _ = struct.unpack_from("<IIIII", body)
            time = (high << 32 | low) / ticks[interface]
            packet = dissect(frame, time, body[20:20 + kept])
            if packet:
                packets.append(packet)
    return packets


def dissect(frame, time, data):
    """The packet in an Ethernet frame; none if it is not IP."""
    kind = data[12:14]
    if kind == b"\x08\x00":
        return internet(frame, time, data[14:])
    if kind == b"\x86\xdd" and len(data) >= 54:
        return upper(frame, time, data[22:38], data[38:54], data[21], data[20], data[54:])
    return None


def internet(frame, time, data):
    """An IPv4 packet (RFC 791 3.1)."""
    header, total = (data[0] & 15) * 4, struct.unpack_from("!H", data, 2)[0]
    return upper(frame, time, data[12:16], data[16:20], data[8], data[9], data[header:total])


def upper(frame, time, source, target, ttl, protocol, data):
    """What an IP packet carries."""
    packet = Packet(frame, time, str(ip_address(source)), str(ip_address(target)), ttl)
    if protocol == 6 and len(data) >= 20:
        source_port, target_port, packet.seq, packet.ack, offset, packet.flags = struct.unpack_from("!HHIIBB", data)
        packet.ports = (source_port, target_port)
        packet.payload = data[(offset >> 4) * 4:]
    elif protocol == 1 and len(data) >= 8:
        # RFC 792: an error quotes the header and the first eight bytes of the packet it is about.
        packet.icmp = (data[0], data[1])
        quoted = data[8:]
        if len(quoted) >= 28:
            packet.ports = struct.unpack_from("!HH", quoted, (quoted[0] & 15) * 4)
    return packet


def connections(packets, ports=(3389,)):
    """The connections, in the order of their first packets. Who sends the SYN is the client; else whose port is none of `ports`."""
    found = {}
    for packet in packets:
        if packet.icmp:
            continue
        if not packet.flags:
            continue
        source, target = (packet.source, packet.ports[0]), (packet.target, packet.ports[1])
        key = frozenset((source, target))
        is_client = packet.flags & (SYN | ACK) == SYN or (not packet.flags & SYN and packet.ports[1] in ports)
        if key not in found:
            found[key] = Connection(*((source, target) if is_client else (target, source)))
        found[key].packets.append(packet)
    for packet in packets:
        for connection in found.values():
            if packet.icmp and set(packet.ports) == {connection.client[1], connection.server[1]}:
                connection.packets.append(packet)
    return list(found.values())


def records(payload):
    """Type and body of the TLS records that begin a segment, as far as they are whole."""
    at = 0
    while at + 5 <= len(payload) and payload[at] in (20, 21, 22, 23) and payload[at + 1] == 3:
        length = struct.unpack_from("!H", payload, at + 3)[0]
        yield payload[at], payload[at + 5:at + 5 + length]
        at += 5 + length
