"""A scenario runs in namespaces of its own: network, processes, mounts, with /run and /tmp to itself.

So two runs at once never meet, and there is nothing to clean up: when the first process of the scenario ends, whoever
ended it, the kernel ends all the others and takes displays, namespaces and temporary files with it.
"""
import ctypes
import json
import os
import pathlib
import signal
import subprocess
import sys
import time
import traceback
from dataclasses import asdict

from scenarios import named

from . import record
from .children import LOGS
from .judge import Judge
from .scenario import Result
from .stage import Stage

ROOT = pathlib.Path(__file__).resolve().parents[3]
UNSHARE = ["unshare", "--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"]
#: Of each log, in what is told about a failure.
TAIL = 1500


def die_with_parent():
    """The runner may be killed in a way that it cannot heed; then nothing of it may stay (prctl 1: PR_SET_PDEATHSIG)."""
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)


def start(name, program, out):
    """Begins a scenario. Its result will be in `out`."""
    environment = {**os.environ, "LAB_PROGRAM": str(program), "LAB_OUT": str(out)}
    argv = [*UNSHARE, "/usr/bin/python3", str(ROOT / "tests/lab/run"), "--inside", name]
    return subprocess.Popen(argv, env=environment, stdin=subprocess.DEVNULL, start_new_session=True, preexec_fn=die_with_parent)


def mount():
    """Puts everything where the rest of the lab expects it, whatever the machine looks like."""
    def bind(source, target):
        subprocess.run(["mount", "--bind", source, target], check=True)

    subprocess.run(["mount", "-t", "tmpfs", "-o", "mode=755", "lab", "/run"], check=True)
    lab = pathlib.Path("/run/lab")
    for directory in ("project", "out"):
        (lab / directory).mkdir(parents=True)
    (lab / "program").touch()
    bind(ROOT, lab / "project")
    bind(os.environ["LAB_OUT"], lab / "out")
    bind(os.environ["LAB_PROGRAM"], lab / "program")
    # The project may lie below /tmp, so this comes last.
    subprocess.run(["mount", "-t", "tmpfs", "-o", "mode=1777", "lab", "/tmp"], check=True)
    pathlib.Path("/tmp/.X11-unix").mkdir(mode=0o1777)
    LOGS.mkdir()
    os.chdir("/tmp")


def inside(name):
    """The scenario itself, in its namespaces."""
    mount()
    out = pathlib.Path("/run/lab/out")
    result = Result(name)
    began = time.monotonic()
    judge = None
    try:
        judge = play(named(name), out / f"{name}.pcapng")
        result.faults, result.delays = judge.faults, judge.delays
    except Exception as error:  # Whatever it is, the others go on.
        place = traceback.extract_tb(error.__traceback__)[-1]
        result.faults.append(f"it did not come to its end: {error!r} ({pathlib.Path(place.filename).name}:{place.lineno})")
    result.seconds = time.monotonic() - began
    result.log = logs()
    if judge:
        (out / f"{name}.truth.json").write_text(json.dumps(record.row(judge)))
    (out / f"{name}.result.json").write_text(json.dumps(asdict(result)))
    sys.stdout.flush()
    return 0


def play(scenario, keep):
    """Plays and judges it."""
    stage = Stage(scenario, keep)
    if scenario.wire:
        stage.wire = stage.tool("wire", "wire", "w0", "w1", *scenario.wire)
    if scenario.server:
        stage.peer = scenario.server(stage)
    if not scenario.is_late:
        stage.look()
    scenario.play(stage)
    wait_until_told(stage)
    pressed = stage.watch.end()
    judge = Judge(scenario, stage, stage.watch, pressed).look()
    (LOGS / "99-rdpwhy.log").write_text("".join(stage.watch.errors))
    (LOGS / "99-rdpwhy.json").write_text("".join(json.dumps(told) + "\n" for _, told in stage.watch.told))
    return judge


def wait_until_told(stage, seconds=15):
    """Gives rdpwhy the time to tell what must be told while it runs. Whether it did, the judge says."""
    from . import packets as wire
    deadline = time.monotonic() + seconds
    least = len(stage.scenario.expect) or int(stage.scenario.rest is not None)
    before = None
    while time.monotonic() < deadline:
        # Packets reach the file a moment after they were on the wire.
        connections = wire.connections(stage.kept(), stage.scenario.ports)
        now = [len(connection.packets) for connection in connections]
        is_still, before = now == before, now
        if not is_still or len(connections) < least:
            time.sleep(0.1)
            continue
        expected = stage.scenario.expected(len(connections))
        ports = {connection.client[1] for connection, wanted in zip(connections, expected) if wanted.is_live}
        if ports <= {told["client"]["port"] for _, told in stage.watch.sessions()}:
            break
        time.sleep(0.1)
    # Late packets of the good-bye belong to the story as well.
    time.sleep(0.3)


def logs():
    """What the peers said, from the end."""
    parts = []
    for path in sorted(LOGS.glob("*.log")):
        text = path.read_text(errors="replace")
        if text.strip():
            parts.append(f"--- {path.name}\n{text[-TAIL:].rstrip()}\n")
    return "".join(parts)
