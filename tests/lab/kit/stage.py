"""What a scenario's functions get: places to start things in, and a notebook for the moments that matter."""
import pathlib
import signal
import time

from . import packets as wire
from . import place
from .children import Child, sh, until
from .display import Display
from .watch import Watch

CERTIFICATES = pathlib.Path("/run/lab/out/certificates")
TOOLS = pathlib.Path("/run/lab/project/tests/lab/tools")
#: So long nothing may be said for a session to count as settled.
SETTLED = 0.6


class Stage:
    """The network of one scenario with its processes."""

    def __init__(self, scenario, keep):
        self.scenario = scenario
        self.keep = keep
        self.marks = {}
        self.displays = {}
        self.watch = None
        self.wire = None
        place.build(bool(scenario.wire), scenario.is_v6)

    # Starting things ----------------------------------------------------------------------------------------------------

    def start(self, where, name, *argv, env=None, stdin=None):
        """A program in the namespace `where`."""
        return Child(name, where, argv, env, stdin)

    def tool(self, where, name, *argv):
        """One of the lab's own programs; it is ready when this returns."""
        child = self.start(where, name, "/usr/bin/python3", TOOLS / f"{name}.py", *argv)
        child.says("^ready")
        return child

    def display(self, where):
        """The X display of client or server."""
        if where not in self.displays:
            self.displays[where] = Display(where)
        return self.displays[where]

    def look(self):
        """rdpwhy begins to watch."""
        self.watch = Watch(self.scenario.tap, place.TAPS[self.scenario.tap], self.keep, self.scenario.options)

    # The path -----------------------------------------------------------------------------------------------------------

    def rule(self, *rules):
        """iptables rules in the router."""
        for rule in rules:
            sh("router", f"iptables -w {rule}")

    def no_rules(self):
        sh("router", "iptables -w -F")

    def shell(self, where, script):
        return sh(where, script)

    def mark(self, name):
        """Notes that something is done now."""
        self.marks[name] = time.time()

    def cut(self, name="cut"):
        """Cuts the wire: nothing passes any more, and nobody says so."""
        self.wire.send(signal.SIGUSR1)
        self.wire.says("^cut")
        self.mark(name)

    # Waiting ------------------------------------------------------------------------------------------------------------

    def kept(self):
        """The packets kept so far."""
        return wire.read(self.keep)

    def settle(self, at_least=1, seconds=20):
        """Waits until at least so many payload bytes went over the line, and nothing new comes."""
        def is_quiet():
            packets = self.kept()
            size = sum(len(packet.payload) for packet in packets)
            return size >= at_least and packets and time.time() - packets[-1].time > SETTLED
        until(is_quiet, seconds, f"{at_least} bytes and quiet")

    def seen(self, condition, seconds=20, what="a packet"):
        """Waits until a packet fits `condition`."""
        return until(lambda: [packet for packet in self.kept() if condition(packet)], seconds, what)
