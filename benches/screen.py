#!/usr/bin/env python3
"""How long does the screen take from a key to the changed picture? Drives `rdpwhy tui` in tmux as a person would.

    cargo run --release --example workload -- storm 10k.pcap 10k.jsonl --bytes 33000000
    benches/screen.py target/release/rdpwhy 10k.pcap

Prints, in milliseconds, the wall time until the picture changed and the processor time that went into it; memory; and what an idle
screen costs. tmux is part of every wall time: the first line says what it takes alone.
"""
import os
import re
import subprocess
import sys
import time

SOCKET = f"rdpwhy-screen-{os.getpid()}"
ROW = re.compile(r"^.{3,8}\d+ [×!?√►·] ", re.M)


def tmux(*words):
    return subprocess.run(["tmux", "-L", SOCKET, "-f", "/dev/null", *words], capture_output=True, text=True, check=False).stdout


def picture():
    return tmux("capture-pane", "-p", "-t", "screen")


def wait(is_there, seconds=30):
    """Milliseconds until the picture is as wanted; None if it never is."""
    begun = time.perf_counter()
    while time.perf_counter() - begun < seconds:
        if is_there(picture()):
            return (time.perf_counter() - begun) * 1000
        time.sleep(0.002)
    return None


class Program:
    """What the system says of it."""

    def __init__(self, pid):
        self.pid = pid

    def cpu(self):
        fields = open(f"/proc/{self.pid}/stat", encoding="ascii").read().rsplit(") ", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK") * 1000

    def memory(self):
        lines = open(f"/proc/{self.pid}/status", encoding="ascii").read().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) / 1024


def act(program, name, *keys):
    before, cpu = picture(), program.cpu()
    tmux("send-keys", "-t", "screen", *keys)
    changed = wait(lambda now: now != before, 5)
    time.sleep(0.3)
    shown = "no change" if changed is None else f"{changed:8.0f}"
    print(f"{name:22} {shown} {program.cpu() - cpu:8.0f}", flush=True)


def measure(binary, capture):
    shell = "env -u NO_COLOR LC_ALL=C.UTF-8 TERM=screen-256color PS1='$ ' sh"
    tmux("new-session", "-d", "-s", "screen", "-x", "120", "-y", "40", shell)
    tmux("set", "-g", "status", "off")
    time.sleep(0.5)
    before = picture()
    tmux("send-keys", "-t", "screen", "-l", "x")
    print(f"{'':22} {'wall, ms':>8} {'CPU, ms':>8}")
    print(f"{'tmux and a shell':22} {wait(lambda now: now != before):8.0f}")
    tmux("send-keys", "-t", "screen", "BSpace")
    tmux("send-keys", "-t", "screen", "-l", f"exec {binary} tui {capture}")
    pid = tmux("display-message", "-p", "-t", "screen", "#{pane_pid}").strip()
    tmux("send-keys", "-t", "screen", "Enter")
    print(f"{'first rows':22} {wait(lambda now: ROW.search(now)):8.0f}")
    print(f"{'all is read':22} {wait(lambda now: 'reading' not in now and 'worst first' in now):8.0f}")
    time.sleep(1)
    # `env` became the shell, and the shell the program.
    program = Program(pid)
    for key in ["j", "G", "g", "NPage", "S", "S"]:
        act(program, key, key)
    for column in ["c", "w"]:
        tmux("send-keys", "-t", "screen", "s")
        time.sleep(0.3)
        act(program, f"sort by {column}", column)
    act(program, "/", "/")
    for letter in "user17":
        act(program, f"filter: {letter}", "-l", letter)
    for key in ["Escape", "c", "Escape", "Enter", "5", "Escape"]:
        act(program, key, key)
    cpu = program.cpu()
    for _ in range(20):
        tmux("send-keys", "-t", "screen", "-N", "10", "j")
    last, settled, begun = picture(), 0.0, time.perf_counter()
    while time.perf_counter() - begun < 1:
        now = picture()
        if now != last:
            last, settled = now, time.perf_counter() - begun
        time.sleep(0.002)
    print(f"{'still, after 200 j':22} {settled * 1000:8.0f} {program.cpu() - cpu:8.0f}")
    cpu = program.cpu()
    time.sleep(10)
    print(f"{'10 s without a key':22} {10000:8} {program.cpu() - cpu:8.0f}")
    print(f"{'memory, MiB':22} {program.memory():8.0f}")
    tmux("send-keys", "-t", "screen", "Q")
    time.sleep(0.5)


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    try:
        measure(os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2]))
    finally:
        tmux("kill-server")
