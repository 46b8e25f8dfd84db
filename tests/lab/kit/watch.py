"""rdpwhy, as somebody would run it: on an interface while it happens, and on the file afterwards."""
import json
import signal
import subprocess
import threading
import time

from .children import inside

PROGRAM = "/run/lab/program"


class Watch:
    """A running `rdpwhy --json -i DEVICE -w FILE`."""

    def __init__(self, net, device, keep, more=()):
        self.keep = keep
        self.told = []
        self.errors = []
        argv = [PROGRAM, "--json", "-i", device, "-w", keep, *more]
        self.process = subprocess.Popen(inside(net, argv), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE, text=True)
        greeting = self.process.stderr.readline()
        self.errors.append(greeting)
        if not greeting.startswith("listening on "):
            raise RuntimeError("rdpwhy does not listen: " + greeting + self.process.stderr.read())
        self.threads = [threading.Thread(target=read, daemon=True) for read in (self.read_lines, self.read_errors)]
        for thread in self.threads:
            thread.start()

    def read_lines(self):
        for line in self.process.stdout:
            self.told.append((time.time(), json.loads(line)))

    def read_errors(self):
        self.errors.extend(self.process.stderr)

    def sessions(self):
        """Session records told so far, each with the time when it came."""
        return [(when, record) for when, record in list(self.told) if record["type"] == "session"]

    def end(self):
        """Ctrl-C; answers when it was pressed."""
        pressed = time.time()
        self.process.send_signal(signal.SIGINT)
        self.process.wait(60)
        for thread in self.threads:
            thread.join(10)
        return pressed

    def records(self, kind):
        return [record for _, record in self.told if record["type"] == kind]


def judge_file(path, more=()):
    """What rdpwhy says of a file: its session records, and its exit code."""
    done = subprocess.run([PROGRAM, "--json", *more, path], stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    records = [json.loads(line) for line in done.stdout.splitlines()]
    return [record for record in records if record["type"] == "session"], done.returncode
