"""Plays scenarios side by side, and says in one line how it went."""
import argparse
import json
import os
import pathlib
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time

from . import certificates, isolation, record
from .scenario import Result

SKIPPED = 77
DIRECTORY = "rdpwhy-lab-"
PROGRAMS = ("unshare", "nsenter", "mount", "ip", "sysctl", "iptables", "ethtool", "openssl", "stdbuf", "ss", "xrdp", "xfreerdp",
            "freerdp-shadow-cli", "rdesktop", "Xvfb", "xdotool", "nmap")
#: Longer than any scenario takes, on a busy machine as well.
LIMIT = 180
#: More scenarios than that do not go wrong by chance.
AGAIN = 4


def obstacle():
    """Why the lab cannot run here; none if it can."""
    if sys.platform != "linux" or os.geteuid() != 0:
        return "it needs Linux and root, for network namespaces"
    missing = [program for program in PROGRAMS if not shutil.which(program)]
    if missing:
        return f"not installed: {' '.join(missing)} (tests/lab/README.md names the packages)"
    trial = "mount -t tmpfs lab /run && ip netns add a && ip -n a link add x type veth peer name y && nsenter --net=/run/netns/a iptables -w -S"
    done = subprocess.run([*isolation.UNSHARE, "sh", "-c", trial], capture_output=True, text=True, check=False)
    return f"namespaces cannot be made here: {done.stderr.strip()}" if done.returncode else None


def sweep():
    """Removes the directories of runs that were killed and could not do it themselves."""
    for directory in pathlib.Path(tempfile.gettempdir()).glob(f"{DIRECTORY}*-*"):
        pid = directory.name.removeprefix(DIRECTORY).partition("-")[0]
        if pid.isdigit() and not pathlib.Path(f"/proc/{pid}").exists():
            shutil.rmtree(directory, ignore_errors=True)


def newest_program():
    built = [isolation.ROOT / "target" / profile / "rdpwhy" for profile in ("debug", "release")]
    return max((path for path in built if path.exists()), key=lambda path: path.stat().st_mtime, default=None)


def run(scenarios, options):
    """Plays `scenarios`; answers what to exit with."""
    reason = obstacle()
    program = pathlib.Path(options.program).resolve() if options.program else newest_program()
    if not reason and not program:
        reason = "there is no rdpwhy in target/; build it first"
    if reason:
        print(f"SKIPPED: the lab with real peers: {reason}", file=sys.stderr)
        return SKIPPED
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda number, _: sys.exit(128 + number))
    sweep()
    out = pathlib.Path(tempfile.mkdtemp(prefix=f"{DIRECTORY}{os.getpid()}-"))
    began = time.monotonic()
    try:
        certificates.make(out / "certificates")
        results = Slots(scenarios, program, out, options).play()
        unsteady = play_again(scenarios, results, program, out, options)
        for directory in filter(None, (options.record, options.keep)):
            record.leave(out, scenarios, results, pathlib.Path(directory), with_logs=directory == options.keep)
    except KeyboardInterrupt:
        print("stopped", file=sys.stderr)
        return 130
    finally:
        shutil.rmtree(out, ignore_errors=True)
    return summary(results, unsteady, time.monotonic() - began)


def play_again(scenarios, results, program, out, options):
    """Plays what went wrong once more, alone: real peers on a busy machine race now and then, and a fault of the program
    is there again. Puts the second results in the place of the first; answers the names of those that are right now."""
    wrong = [result.name for result in results if result.faults]
    if not wrong or len(wrong) > AGAIN or len(scenarios) == 1:
        return []
    print(f"once more, one by one: {' '.join(wrong)}", flush=True)
    for path in [path for name in wrong for path in out.glob(f"{name}.*")]:
        path.unlink()
    alone = argparse.Namespace(**{**vars(options), "slots": 1})
    second = {result.name: result for result in Slots([s for s in scenarios if s.name in wrong], program, out, alone).play()}
    results[:] = [second.get(result.name, result) for result in results]
    return [name for name, result in second.items() if not result.faults]


def summary(results, unsteady, seconds):
    """One line, and the exit code."""
    wrong = [result for result in results if result.faults]
    delays = sorted(delay for result in results for delay in result.delays)
    told = f"; deaths told after {statistics.median(delays):.2f} s, the slowest after {delays[-1]:.2f} s" if delays else ""
    for name in unsteady:
        print(f"UNSTEADY: {name} was wrong at first, and right alone", file=sys.stderr, flush=True)
    print(f"lab: {len(results)} scenarios, {len(wrong)} wrong, {len(unsteady)} unsteady, in {seconds:.0f} s{told}", flush=True)
    return 1 if wrong else 0


class Slots:
    """Scenarios that wait, and those that run."""

    def __init__(self, scenarios, program, out, options):
        self.waiting = list(scenarios)
        self.running = {}
        self.results = []
        self.program, self.out, self.options = program, out, options

    def play(self):
        try:
            while self.waiting or self.running:
                while self.waiting and len(self.running) < self.options.slots:
                    name = self.waiting.pop(0).name
                    self.running[isolation.start(name, self.program, self.out)] = (name, time.monotonic())
                time.sleep(0.05)
                for process, (name, began) in list(self.running.items()):
                    if time.monotonic() - began > LIMIT:
                        process.kill()
                        process.wait()
                    if process.poll() is not None:
                        del self.running[process]
                        self.note(name, time.monotonic() - began)
        finally:
            # Killing `unshare` kills the first process of the scenario's namespace, and with it all others.
            for process in self.running:
                process.kill()
                process.wait()
        return self.results

    def note(self, name, seconds):
        path = self.out / f"{name}.result.json"
        if path.exists():
            result = Result(**json.loads(path.read_text()))
        else:
            result = Result(name, [f"it was ended after {seconds:.0f} s"], seconds=seconds)
        self.results.append(result)
        if result.faults or self.options.verbose:
            print(f"{'WRONG' if result.faults else 'right'}  {name}  {result.seconds:.1f} s", flush=True)
        for fault in result.faults:
            print(f"       {fault}", flush=True)
        if result.faults and self.options.verbose:
            print(result.log, flush=True)
