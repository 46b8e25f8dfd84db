"""Leaves what was captured, with the truth about it in the form of captures/truth.json."""
import json
import shutil


def place(endpoint):
    return f"{endpoint[0]}:{endpoint[1]}"


def row(judge):
    """The truth about one capture: what was done, never what rdpwhy said."""
    sessions = []
    for connection, wanted, frames in judge.truth:
        session = {"client": place(connection.client), "server": place(connection.server), "outcome": list(wanted.outcomes)}
        for key, value in (("cause", wanted.causes), ("death", frames), ("by", wanted.by), ("findings", wanted.findings)):
            if value:
                session[key] = list(value)
        sessions.append(session)
    return {"file": f"{judge.scenario.name}.pcapng", "sessions": sessions}


def shown(entry):
    """A row as it stands in captures/truth.json, without its comma."""
    sessions = ",\n  ".join(json.dumps(session) for session in entry["sessions"])
    return f' {{"file": "{entry["file"]}", "sessions": [\n  {sessions}]}}'


def merge(path, rows):
    """Puts rows into a truth file, in the order of their names; others stay as they are."""
    known = {}
    if path.exists():
        for entry in json.loads(path.read_text()):
            known[entry["file"]] = entry
        for text in path.read_text().strip().removeprefix("[\n").removesuffix("]").split('\n {"file": "'):
            name = text.removeprefix(' {"file": "').partition('"')[0]
            if name in known:
                known[name] = ' {"file": "' + text.removeprefix(' {"file": "').rstrip().removesuffix(",")
    known.update((entry["file"], shown(entry)) for entry in rows)
    path.write_text("[\n" + ",\n".join(known[name] for name in sorted(known)) + "\n]\n")


def leave(out, scenarios, results, directory, with_logs):
    """Copies captures and truth of the scenarios that were right into `directory`, in the place of those before; with the
    logs, the captures of all. Prints the lines for the tables of captures/README.md."""
    directory.mkdir(parents=True, exist_ok=True)
    wrong = {result.name for result in results if result.faults}
    rows = []
    for scenario in scenarios:
        capture, truth = out / f"{scenario.name}.pcapng", out / f"{scenario.name}.truth.json"
        if capture.exists() and (with_logs or scenario.name not in wrong):
            shutil.copy(capture, directory)
        if truth.exists() and scenario.name not in wrong:
            rows.append(json.loads(truth.read_text()))
            if not with_logs:
                print(f"| `{capture.name}` | {scenario.story} | {scenario.made} |")
    merge(directory / "truth.json", rows)
    if with_logs:
        for result in results:
            (directory / f"{result.name}.txt").write_text("\n".join(result.faults) + "\n\n" + result.log)
