"""X displays without a screen, and the little of the X protocol that closing a window as a person does needs."""
import os
import socket
import struct
import time

from .children import Child, until


class Display:
    """An Xvfb with a number that was free. Its socket is a file, so that every network namespace reaches it."""

    def __init__(self, name):
        reader, writer = os.pipe()
        argv = ["Xvfb", "-displayfd", str(writer), "-screen", "0", "800x600x24", "-nolisten", "tcp", "-ac", "-noreset"]
        self.child = Child(f"x-{name}", None, argv, pass_fds=(writer,))
        os.close(writer)
        with os.fdopen(reader) as answer:
            self.number = int(answer.readline())
        self.name = f":{self.number}"

    def windows(self):
        with Client(self.number) as client:
            return client.windows()

    def wait_for_window(self, seconds=30):
        """Until a program shows a window."""
        until(self.windows, seconds, f"a window on display {self.name}")

    def close_windows(self):
        """What a click on the cross of a window's frame does (ICCCM 4.2.8.1, WM_DELETE_WINDOW)."""
        with Client(self.number) as client:
            for window in client.windows():
                client.delete(window)


class Client:
    """A connection to the X server (X11 protocol, appendix B), little-endian."""

    def __init__(self, number):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.connect(f"/tmp/.X11-unix/X{number}")
        self.socket.sendall(struct.pack("<BxHHHHxx", ord("l"), 11, 0, 0, 0))
        ok, length = struct.unpack("<BxxxxxH", self.exactly(8))
        setup = self.exactly(length * 4)
        if ok != 1:
            raise RuntimeError(f"the X server refuses: {setup!r}")
        vendor, formats = struct.unpack_from("<H", setup, 16)[0], setup[21]
        self.root = struct.unpack_from("<I", setup, 32 + (vendor + 3) // 4 * 4 + formats * 8)[0]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def exactly(self, size):
        data = b""
        while len(data) < size:
            more = self.socket.recv(size - len(data))
            if not more:
                raise EOFError("the X server is gone")
            data += more
        return data

    def ask(self, request):
        """Sends a request and returns its reply, header and all."""
        self.socket.sendall(request)
        reply = self.exactly(32)
        return reply + self.exactly(struct.unpack_from("<I", reply, 4)[0] * 4) if reply[0] == 1 else reply

    def windows(self):
        """Windows that are shown: children of the root that are viewable."""
        tree = self.ask(struct.pack("<BxHI", 15, 2, self.root))
        children = struct.unpack_from(f"<{struct.unpack_from('<H', tree, 16)[0]}I", tree, 32)
        return [child for child in children if self.ask(struct.pack("<BxHI", 3, 2, child))[26] == 2]

    def atom(self, name):
        data = name.encode()
        request = struct.pack("<BBHHxx", 16, 0, 2 + (len(data) + 3) // 4, len(data)) + data + b"\0" * (-len(data) % 4)
        return struct.unpack_from("<I", self.ask(request), 8)[0]

    def delete(self, window):
        protocols, delete = self.atom("WM_PROTOCOLS"), self.atom("WM_DELETE_WINDOW")
        event = struct.pack("<BBHIIIIIII", 33, 32, 0, window, protocols, delete, int(time.monotonic()), 0, 0, 0)
        self.socket.sendall(struct.pack("<BBHII", 25, 0, 11, window, 0) + event)
        # A question makes sure that the server has taken what came before.
        self.ask(struct.pack("<BxHI", 15, 2, self.root))
