#!/usr/bin/python3
"""A cable between two interfaces, with faults: delay, loss, order, size. SIGUSR1 cuts it.

  wire.py A B [--delay MS] [--lose N] [--swap N] [--double N] [--at-most BYTES]

Every Nth IP packet of each direction is lost, swapped with its successor, or doubled: counted and not thrown, so that
the same traffic meets the same fate.
"""
import argparse
import collections
import select
import signal
import socket
import time

IP = (b"\x08\x00", b"\x86\xdd")


class Way:
    """One direction."""

    def __init__(self, source, target, options):
        self.source, self.target, self.options = source, target, options
        self.count = 0
        self.queue = collections.deque()
        self.held = None

    def take(self, frame, now):
        """A frame comes in."""
        due = now + self.options.delay / 1000
        if frame[12:14] not in IP:
            # Neighbours that look for each other are not part of the story.
            self.send(frame)
            return
        self.count += 1
        is_turn = lambda every: every and self.count % every == 0
        if is_turn(self.options.lose) or (self.options.at_most and len(frame) - 14 > self.options.at_most):
            return
        if is_turn(self.options.swap) and not self.held:
            self.held = (due, frame)
            return
        self.queue.append((due, frame))
        if is_turn(self.options.double):
            self.queue.append((due, frame))
        self.release(due)

    def release(self, due):
        if self.held:
            self.queue.append((due, self.held[1]))
            self.held = None

    def pass_on(self, now):
        """Sends what is due. Nobody is held back for longer than 50 ms, if no successor comes."""
        if self.held and now > self.held[0] + 0.05:
            self.release(now)
        while self.queue and self.queue[0][0] <= now:
            self.send(self.queue.popleft()[1])

    def send(self, frame):
        try:
            self.target.send(frame)
        except OSError:
            # The far end may be down; a cable does not care.
            pass

    def due(self):
        return self.queue[0][0] if self.queue else None


def tap(device):
    tapped = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
    tapped.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8 << 20)
    tapped.bind((device, 0))
    tapped.setblocking(False)
    return tapped


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("a")
    parser.add_argument("b")
    parser.add_argument("--delay", type=float, default=0)
    for name in ("--lose", "--swap", "--double", "--at-most"):
        parser.add_argument(name, type=int, default=0)
    options = parser.parse_args()
    a, b = tap(options.a), tap(options.b)
    ways = {a: Way(a, b, options), b: Way(b, a, options)}
    is_cut = []

    def cut(*_):
        is_cut.append(True)
        print("cut", flush=True)

    signal.signal(signal.SIGUSR1, cut)
    print("ready", flush=True)
    while True:
        now = time.monotonic()
        waits = [way.due() - now for way in ways.values() if way.due() is not None]
        waits += [0.02 for way in ways.values() if way.held]
        ready, _, _ = select.select(list(ways), [], [], max(0.0, min(waits, default=1.0)))
        for source in ready:
            frame, address = source.recvfrom(65536)
            if address[2] != socket.PACKET_OUTGOING and not is_cut:
                ways[source].take(frame, time.monotonic())
        for way in ways.values():
            if not is_cut:
                way.pass_on(time.monotonic())


if __name__ == "__main__":
    main()
