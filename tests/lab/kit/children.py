"""Processes of a scenario: started in one of its network namespaces, watched by what they say, ended by their own id."""
import os
import pathlib
import re
import signal
import subprocess
import time

LOGS = pathlib.Path("/tmp/logs")


def inside(net, argv):
    """`argv` as it runs in the network namespace `net`."""
    return ["nsenter", f"--net=/run/netns/{net}", "--", *map(str, argv)] if net else list(map(str, argv))


def sh(net, script):
    """Runs a shell script in the namespace `net`; what it prints. Raises where it fails."""
    done = subprocess.run(inside(net, ["sh", "-ec", script]), text=True, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    if done.returncode:
        raise RuntimeError(f"{script!r} in {net}: {done.stdout.strip()}")
    return done.stdout


def until(condition, seconds, what):
    """Waits for `condition()` to become true, and returns its value. A limit is no test: it only ends a hopeless wait."""
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise TimeoutError(f"waited {seconds} s for {what}")
        time.sleep(0.03)


class Child:
    """A process whose words go to a log of its own."""

    def __init__(self, name, net, argv, env=None, stdin=None, pass_fds=()):
        LOGS.mkdir(exist_ok=True)
        number = len(list(LOGS.iterdir()))
        self.name = name
        self.log = LOGS / f"{number:02d}-{name}.log"
        with open(self.log, "wb") as out:
            # Logs are read while the process runs, so it has to write line by line.
            self.process = subprocess.Popen(inside(net, ["stdbuf", "-oL", "-eL", *argv]), stdin=stdin or subprocess.DEVNULL,
                                            stdout=out, stderr=subprocess.STDOUT, env={**os.environ, **(env or {})},
                                            pass_fds=pass_fds)

    @property
    def pid(self):
        return self.process.pid

    def text(self):
        return self.log.read_text(errors="replace")

    def is_running(self):
        return self.process.poll() is None

    def says(self, pattern, seconds=30):
        """Waits until the log fits `pattern`."""
        def heard():
            found = re.search(pattern, self.text(), re.MULTILINE)
            if not found and not self.is_running():
                raise RuntimeError(f"{self.name} ended without saying {pattern!r}:\n{self.text()[-600:]}")
            return found
        return until(heard, seconds, f"{self.name} to say {pattern!r}")

    def listens(self, port=3389, seconds=30):
        """Waits until it has a listening socket on `port`."""
        def is_listening():
            if not self.is_running():
                raise RuntimeError(f"{self.name} does not run:\n{self.text()[-600:]}")
            return port in listening(self.pid)
        until(is_listening, seconds, f"{self.name} to listen on {port}")
        return self

    def is_gone(self, seconds=30):
        """Waits until it has ended by itself."""
        until(lambda: not self.is_running(), seconds, f"{self.name} to end")
        return self

    def send(self, number):
        if self.is_running():
            os.kill(self.pid, number)

    def end(self, number=signal.SIGTERM, seconds=5):
        """Asks it to end, and makes it."""
        self.send(number)
        try:
            self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.send(signal.SIGKILL)
            self.process.wait()


def listening(pid):
    """The TCP ports on which somebody listens in the network namespace of `pid`."""
    ports = set()
    for table in ("tcp", "tcp6"):
        try:
            lines = pathlib.Path(f"/proc/{pid}/net/{table}").read_text().splitlines()[1:]
        except OSError:
            continue
        fields = (line.split() for line in lines)
        ports.update(int(field[1].rsplit(":", 1)[1], 16) for field in fields if field[3] == "0A")
    return ports
