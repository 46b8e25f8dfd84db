"""What must come out, said in terms of what was done: which kind of packet, by whom, is the one that killed the session."""
from dataclasses import dataclass

from . import packets as wire
from .packets import ACK, FIN, RST, SYN


# Kinds of packets -----------------------------------------------------------------------------------------------------

def rst(packet):
    return packet.flags & RST


def fin(packet):
    return packet.flags & FIN


def syn(packet):
    return packet.flags & (SYN | ACK) == SYN


def syn_ack(packet):
    return packet.flags & (SYN | ACK) == SYN | ACK


def closing(packet):
    return packet.flags & (FIN | RST)


def data(packet):
    return bool(packet.payload)


def icmp(packet):
    return bool(packet.icmp)


def hello(packet):
    """A ClientHello (RFC 8446 4.1.2)."""
    return packet.payload[:1] == b"\x16" and packet.payload[5:6] == b"\x01"


def alert(code):
    """An alert in clear (RFC 8446 6)."""
    return lambda packet: any(kind == 21 and body[1:] == bytes([code]) for kind, body in wire.records(packet.payload))


def sealed_alert(packet):
    """An alert nobody can read, of TLS 1.2 or older: its type is still in clear."""
    return any(kind == 21 and len(body) > 2 for kind, body in wire.records(packet.payload))


def sealed_goodbye(packet):
    """A close_notify nobody can read: in TLS 1.3 a record of 19 bytes (2 of the alert, 1 of its type, 16 of the tag)."""
    return sealed_alert(packet) or record_of(19)(packet)


def sealed(least):
    """A segment that begins with sealed data of at least so many bytes."""
    return lambda packet: next((kind == 23 and len(body) >= least for kind, body in wire.records(packet.payload)), False)


def record_of(*sizes):
    """A segment that begins with a TLS record of one of these sizes."""
    return lambda packet: next((len(body) in sizes for _, body in wire.records(packet.payload)), False)


def x224(kind):
    """An X.224 message of a kind (X.224 13.1): 0xe0 request, 0xd0 confirm, 0x80 disconnect."""
    return lambda packet: packet.payload[:2] == b"\x03\x00" and packet.payload[5:6] == bytes([kind])


def ultimatum(packet):
    """An MCS Disconnect Provider Ultimatum in clear (T.125 7, tag 8 in PER)."""
    return packet.payload[:2] == b"\x03\x00" and len(packet.payload) == 9 and packet.payload[7] >> 2 == 8


def full(packet):
    """A segment as large as they get on Ethernet."""
    return len(packet.payload) >= 1400


# Which of them ----------------------------------------------------------------------------------------------------------

def first(who, kind):
    """The first packet of a kind that carries the address of `who`."""
    return lambda connection, marks: [packet.frame for packet in connection.sent_by(who) if kind(packet)][:1]


def last(who, kind):
    """The last one."""
    return lambda connection, marks: [packet.frame for packet in connection.sent_by(who) if kind(packet)][-1:]


def first_after(mark, who, kind):
    """The first one sent after the lab did what it noted as `mark`."""
    return lambda connection, marks: [
        packet.frame for packet in connection.sent_by(who) if kind(packet) and packet.time >= marks[mark]][:1]


def last_before(mark, who, kind):
    """The last one sent before the lab did what it noted as `mark`."""
    return lambda connection, marks: [
        packet.frame for packet in connection.sent_by(who) if kind(packet) and packet.time < marks[mark]][-1:]


def unacknowledged(who):
    """The first packet whose bytes the other side never acknowledged."""
    def find(connection, marks):
        other = "server" if who == "client" else "client"
        base = connection.sent_by(who)[0].seq
        heard = max(((packet.ack - base) & 0xFFFFFFFF for packet in connection.sent_by(other) if packet.flags & ACK), default=0)
        return [packet.frame for packet in connection.sent_by(who)
                if packet.payload and (packet.next_seq - base) & 0xFFFFFFFF > heard][:1]
    return find


def hole(who):
    """The first packet that does not continue where its sender had stopped: something before it is missing here."""
    def find(connection, marks):
        expected = None
        for packet in connection.sent_by(who):
            if expected is not None and 0 < (packet.seq - expected) & 0xFFFFFFFF < 1 << 31:
                return [packet.frame]
            expected = packet.next_seq
        return []
    return find


def either(*finders):
    """Any of these frames is right; the scenario says why."""
    return lambda connection, marks: [frame for find in finders for frame in find(connection, marks)]


# What must be said ------------------------------------------------------------------------------------------------------

@dataclass(frozen=True)
class Expect:
    """What rdpwhy must say of one connection. Where several words stand, each is honest, and the scenario says why."""
    outcomes: tuple
    causes: tuple = ()
    by: tuple = ()
    death: object = None
    findings: tuple = ()
    #: Causes that may be told at first, while not everything is known yet.
    early: tuple = ()
    #: Whether it must be told before the capture ends. A handshake that stands still is waited for, for 35 s.
    is_live: bool = True
    #: How sure it may be; empty: as sure as it likes.
    sure: tuple = ()


def words(value):
    return (value,) if isinstance(value, str) else tuple(value)


def died(cause, by, death, **more):
    """It died of `cause`, by the hand of `by`, at the frame that `death` finds."""
    return Expect(("died",), words(cause), words(by), death, **more)


def fine(*findings, cause=(), outcomes=("ok",), **more):
    """Nobody died."""
    return Expect(outcomes, words(cause), findings=findings, **more)


def warned(*findings, **more):
    """Nobody died, but there is something to say."""
    return Expect(("warn",), findings=findings, **more)


def scan(cause, **more):
    """Nobody was there."""
    return Expect(("scan",), words(cause), **more)


def unsure(cause, **more):
    """The capture cannot tell."""
    return Expect(("unsure",), words(cause), **more)
