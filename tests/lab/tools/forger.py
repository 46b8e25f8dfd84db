#!/usr/bin/python3
"""A box on the path that ends connections it does not like, with RSTs in the names of both ends.

  forger.py DEVICE --on syn|request|hello|records:N [--to client|server|both] [--ttl N] [--ahead BYTES]

It is no end, and it shows: another TTL, another IP ID, no timestamps. With --ahead the sequence number is wrong.
"""
import argparse
import socket
import struct


def checksum(data):
    """RFC 1071."""
    data += b"\0" * (len(data) % 2)
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    total = (total & 0xFFFF) + (total >> 16)
    return ~(total + (total >> 16)) & 0xFFFF


def forged(source, target, ports, seq, ack, ttl):
    """A RST with ACK from `source` to `target` (RFC 793 3.1), ready for a raw socket."""
    def segment(sum_):
        return struct.pack("!HHIIBBHHH", *ports, seq & 0xFFFFFFFF, ack & 0xFFFFFFFF, 5 << 4, 0x14, 0, sum_, 0)
    pseudo = source + target + struct.pack("!BBH", 0, 6, 20)
    header = struct.pack("!BBHHHBBH", 0x45, 0, 40, 0x1337, 0, ttl, 6, 0) + source + target
    return header + segment(checksum(pseudo + segment(0)))


class Segment:
    """What is needed of a TCP segment in an IPv4 packet."""

    def __init__(self, frame):
        data = frame[14:14 + struct.unpack("!H", frame[16:18])[0]]
        tcp = data[(data[0] & 15) * 4:]
        self.source, self.target = data[12:16], data[16:20]
        self.sport, self.dport, self.seq, self.ack, offset, self.flags = struct.unpack("!HHIIBB", tcp[:14])
        self.payload = tcp[(offset >> 4) * 4:]

    def follows(self):
        return self.seq + len(self.payload) + bool(self.flags & 3)


def is_meant(segment, what, port):
    payload, is_asked = segment.payload, segment.dport == port
    return {
        "syn": segment.flags & 0x12 == 2,
        "request": is_asked and payload[:2] == b"\x03\x00" and payload[5:6] == b"\xe0",
        "hello": is_asked and payload[:1] == b"\x16" and payload[5:6] == b"\x01",
        "records": payload[:2] == b"\x17\x03",
    }[what]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("device")
    parser.add_argument("--on", required=True)
    parser.add_argument("--to", choices=("client", "server", "both"), default="both")
    parser.add_argument("--ttl", type=int, default=128)
    parser.add_argument("--ahead", type=int, default=0)
    parser.add_argument("--port", type=int, default=3389)
    options = parser.parse_args()
    what, _, count = options.on.partition(":")
    left = int(count or 1)

    tap = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
    tap.bind((options.device, 0))
    out = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
    print("ready", flush=True)
    while left:
        frame, _ = tap.recvfrom(65536)
        if frame[12:14] != b"\x08\x00" or frame[23] != 6:
            continue
        segment = Segment(frame)
        if options.port in (segment.sport, segment.dport) and not segment.flags & 4:
            left -= is_meant(segment, what, options.port)
    onward = forged(segment.source, segment.target, (segment.sport, segment.dport), segment.follows() + options.ahead,
                    segment.ack, options.ttl)
    back = forged(segment.target, segment.source, (segment.dport, segment.sport), segment.ack + options.ahead,
                  segment.follows(), options.ttl)
    is_onward_to_client = segment.sport == options.port
    for packet, target, is_to_client in ((onward, segment.target, is_onward_to_client),
                                         (back, segment.source, not is_onward_to_client)):
        if options.to in ("both", "client" if is_to_client else "server"):
            out.sendto(packet, (socket.inet_ntoa(target), 0))
    print("done", flush=True)


if __name__ == "__main__":
    main()
