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


def line(row):
    """A row as it stands in captures/truth.json."""
    sessions = ",\n  ".join(json.dumps(session) for session in row["sessions"])
    return f' {{"file": "{row["file"]}", "sessions": [\n  {sessions}]}}'


def leave(out, scenarios, results, directory, with_logs):
    """Copies captures and truth of the scenarios that were right into `directory`; with the logs, of all."""
    directory.mkdir(parents=True, exist_ok=True)
    wrong = {result.name for result in results if result.faults}
    rows, notes = [], []
    for scenario in scenarios:
        capture, truth = out / f"{scenario.name}.pcapng", out / f"{scenario.name}.truth.json"
        if capture.exists() and (with_logs or scenario.name not in wrong):
            shutil.copy(capture, directory)
        if truth.exists() and scenario.name not in wrong:
            rows.append(json.loads(truth.read_text()))
            notes.append(f"| `{capture.name}` | {scenario.story} | {scenario.made} |\n")
    (directory / "truth.json").write_text("[\n" + ",\n".join(map(line, rows)) + "]\n")
    (directory / "README.md").write_text("| file | what happens | how it was made |\n|---|---|---|\n" + "".join(notes))
    if with_logs:
        for result in results:
            (directory / f"{result.name}.txt").write_text("\n".join(result.faults) + "\n\n" + result.log)
