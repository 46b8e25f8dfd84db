"""What rdpwhy said against what was done."""
from . import packets as wire
from .watch import judge_file

#: What a session's verdict is: live and from the file it is the same, whenever it was told.
VERDICT = ("outcome", "cause", "sure", "headline", "death", "end", "reached", "reached_inferred", "start", "negotiation", "tls",
           "certificate")
#: What follows from all packets, and is told once: the same if nothing came after it was told.
ACCOUNT = ("findings", "evidence", "not_it", "could_be", "network", "duration")


def endpoint(record, who):
    return record[who]["ip"], record[who]["port"]


class Judge:
    """Collects faults; a scenario is right when there are none."""

    def __init__(self, scenario, stage, watch, pressed):
        self.scenario, self.stage, self.watch, self.pressed = scenario, stage, watch, pressed
        self.faults = []
        self.delays = []
        self.truth = []
        self.packets = wire.read(watch.keep)
        self.connections = wire.connections(self.packets, scenario.ports)

    def fault(self, text):
        self.faults.append(text)

    def look(self):
        """Compares everything."""
        expected = self.scenario.expected(len(self.connections))
        if len(expected) != len(self.connections):
            self.fault(f"{len(self.connections)} connections were made, {len(expected)} were meant")
        from_file, code = judge_file(self.watch.keep, self.scenario.options)
        told = self.watch.sessions()
        for connection, wanted in zip(self.connections, expected):
            self.connection(connection, wanted, told, from_file)
        self.health(told, from_file, code)
        return self

    def connection(self, connection, wanted, told, from_file):
        is_same = lambda record: endpoint(record, "client") == connection.client and endpoint(record, "server") == connection.server
        place = f"{connection.client[0]}:{connection.client[1]}"
        tellings = [(when, record) for when, record in told if is_same(record)]
        in_file = [record for record in from_file if is_same(record)]
        if not tellings or len(in_file) != 1:
            self.fault(f"{place}: told {len(tellings)} times live and {len(in_file)} times of the file")
            return
        frames = self.frames(connection, wanted, place)
        for number, (_, record) in enumerate(tellings):
            is_last = number + 1 == len(tellings)
            self.verdict(record, wanted, frames, f"{place} live" + ("" if is_last else ", at first"), not is_last)
        self.verdict(in_file[0], wanted, frames, f"{place} from the file")
        told_at, last = tellings[-1]
        names = [[finding["id"] for finding in record.get("findings", [])] for record in (last, in_file[0])]
        if names[0] != names[1]:
            self.fault(f"{place}: findings are {names[0]} live and {names[1]} from the file")
        for key in VERDICT + (ACCOUNT if connection.packets[-1].time < told_at else ()):
            if last.get(key) != in_file[0].get(key):
                self.fault(f"{place}: {key} is {last.get(key)} live and {in_file[0].get(key)} from the file")
        when, record = tellings[0]
        if wanted.is_live and when > self.pressed:
            self.fault(f"{place}: not told before the capture ended")
        elif when < self.pressed and record["outcome"] == "died":
            self.delays.append(max(0.0, when - connection.packets[-1].time))
        self.truth.append((connection, wanted, frames))

    def frames(self, connection, wanted, place):
        if not wanted.death:
            return []
        frames = wanted.death(connection, self.stage.marks)
        if not frames:
            self.fault(f"{place}: what was to kill the session did not happen; the scenario is wrong")
        return frames

    def verdict(self, record, wanted, frames, place, is_early=False):
        """One record against what is wanted."""
        said = f"{record['outcome']} {record.get('cause')} ({record.get('sure')}): {record.get('headline')}"
        cause, death = record.get("cause"), record.get("death", {})
        if is_early and (cause in wanted.early or "*" in wanted.early):
            return
        if record["outcome"] not in wanted.outcomes:
            self.fault(f"{place}: {said}; right is {' or '.join(wanted.outcomes)}")
        if wanted.causes and cause not in wanted.causes:
            self.fault(f"{place}: {said}; the cause is {' or '.join(wanted.causes)}")
        if wanted.by and death.get("by") not in wanted.by:
            self.fault(f"{place}: ended by {death.get('by')}; it was {' or '.join(wanted.by)}")
        if frames and death.get("frame") not in frames:
            self.fault(f"{place}: death in frame {death.get('frame')}; it was {' or '.join(map(str, frames))}")
        if wanted.sure and record.get("sure") not in wanted.sure:
            self.fault(f"{place}: {said}; it may be {' or '.join(wanted.sure)} only")
        known = [cause] + [finding["id"] for finding in record.get("findings", [])]
        for finding in wanted.findings:
            if finding not in known and not is_early:
                self.fault(f"{place}: {finding} is not among {known}")

    def health(self, told, from_file, code):
        """Nothing was lost, nothing made up, and the process says so as well."""
        inputs = self.watch.records("input")
        summary = self.watch.records("summary")
        if not inputs or not summary:
            self.fault("no input or no summary record at the end")
            return
        if sum(record["dropped"] for record in inputs):
            self.fault(f"packets were dropped: {inputs}")
        if not any("none dropped" in line for line in self.watch.errors):
            self.fault(f"it does not say that no packet was dropped: {self.watch.errors}")
        if any("warning" in line for line in self.watch.errors):
            self.fault(f"it warns: {self.watch.errors}")
        kept = self.packets[-1].frame if self.packets else 0
        if summary[0]["packets"] != kept:
            self.fault(f"{summary[0]['packets']} packets seen, {kept} kept")
        live = {endpoint(record, "client") for _, record in told}
        if len(live) != len(from_file):
            self.fault(f"{len(live)} sessions live, {len(from_file)} in the file")
        if self.watch.process.returncode != code or summary[0]["exit_code"] != code:
            self.fault(f"exit code {self.watch.process.returncode} live, {code} of the file")
