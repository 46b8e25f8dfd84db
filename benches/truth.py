#!/usr/bin/env python3
"""Holds the session records of `rdpwhy --json` against the truth that the workload generator wrote beside a capture.

    rdpwhy --json storm.pcap | benches/truth.py storm.jsonl

Of each session: is it there, what became of it, who ended it, at which packet, which alert, what of the certificate.
Answers 1 when less than 99.9 % of any of them are equal. The full form and the brief one (--brief --json) both do.
"""

import collections
import json
import sys
from datetime import datetime, timezone

GOAL = 0.999

# What the truth calls an outcome, and the causes (or families of them) that say the same. A scan that a server refuses
# is still refused; a capture that ends leaves open what a silence may have meant.
SAME = {
    "client_rst_after_certificate": ("tls.client-refuses", "tls.cert-", "end.unexplained"),
    "client_fin_after_certificate": ("tls.client-refuses", "tls.cert-", "end.unexplained"),
    "client_alert_certificate": ("tls.cert-", "tls.client-refuses", "tls.client-alert"),
    "server_close_in_credssp": ("nla.",),
    "server_alert_protocol_version": ("tls.version-mismatch",),
    "server_alert_handshake_failure": ("tls.cipher-mismatch",),
    "server_rst_after_x224_request": ("x224.close-on-cr",),
    "server_close_idle_after_confirm": ("end.unexplained", "x224.", "tls.server-silent-close"),
    "server_silent_after_client_hello": ("tls.handshake-stall", "tls.server-silent-close"),
    "negotiation_failure_hybrid_required": ("neg.hybrid-required", "scan.negotiation"),
    "negotiation_failure_ssl_required": ("neg.ssl-required", "scan.negotiation"),
    "port_closed": ("tcp.refused",),
    "unreachable": ("tcp.syn-no-answer", "scan.syn"),
    # A session that ran and was closed orderly; what was wrong with its certificate may be told instead.
    "closed_by_client": (None, "ok.", "tls.cert-", "tls.old-version", "rdp.caps-client-quits"),
    "open_at_end_of_capture": (None, "cap.", "ok.", "end.open", "tls.", "tcp.syn-no-answer", "scan.syn"),
}


def place(end):
    return end["ip"], end["port"]


def seconds(text):
    return datetime.strptime(text[:19], "%Y-%m-%dT%H:%M:%S").replace(tzinfo=timezone.utc).timestamp()


def certificate(record):
    """valid, expired or not_yet_valid; empty when none was shown in clear."""
    if record["type"] == "brief":
        return record.get("certificate_state", "")
    shown = record.get("certificate")
    if not shown:
        return ""
    if shown["expired"]:
        return "expired"
    return "not_yet_valid" if seconds(shown["not_before"]) > seconds(record["start"]) else "valid"


def wanted(truth, record):
    """The certificate's state; of one that ends within the capture, by the time of the session."""
    state = truth["cert_state"]
    if not state.startswith("valid_until_"):
        return {state}
    ends = record["start"][:11] + state.removeprefix("valid_until_")
    began = seconds(record["start"])
    over = began + record.get("duration", 30)
    return {"expired" if began > seconds(ends) else "valid", "expired" if over > seconds(ends) else "valid"}


def alert(record):
    """Code and frame of the first fatal alert in clear."""
    if record["type"] == "brief":
        return record.get("alert", {}).get("code"), record.get("alert", {}).get("frame")
    alerts = [one for one in record.get("tls", {}).get("alerts", []) if one.get("level") == "fatal"]
    return (alerts[0]["code"], alerts[0]["frame"]) if alerts else (None, None)


def differences(truth, record):
    """The words of what differs."""
    cause = record.get("cause")
    end = record["end"]
    closed = end["how"] in ("fin", "rst")
    found = []
    # Of other workloads' outcomes only the rest is compared.
    same = SAME.get(truth["outcome"], (cause,))
    if not any(cause == one if one is None else (cause or "").startswith(one) for one in same):
        found.append("outcome")
    if truth["killer"] != (end["by"] if closed else "none"):
        found.append("killer")
    if truth.get("death") is not None and truth["death"] != end["frame"]:
        found.append("death frame")
    if (truth.get("alert_code"), truth.get("alert")) != alert(record):
        found.append("alert")
    if certificate(record) not in wanted(truth, record):
        found.append("certificate")
    return found


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    truths = collections.defaultdict(list)
    with open(sys.argv[1], encoding="utf-8") as lines:
        for line in lines:
            truth = json.loads(line)
            key = truth["client"], truth["client_port"], truth["server"], truth["server_port"]
            truths[key].append(truth)
    records = collections.defaultdict(list)
    for line in sys.stdin:
        if line.startswith(('{"type":"session"', '{"type":"brief"')):
            record = json.loads(line)
            records[place(record["client"]) + place(record["server"])].append(record)
    total = sum(map(len, truths.values()))
    missed = collections.Counter({"sessions": 0, "outcome": 0, "killer": 0, "death frame": 0, "alert": 0, "certificate": 0})
    kinds = collections.Counter()
    for key, of_key in truths.items():
        told = sorted(records.pop(key, []), key=lambda record: record["start"])
        if len(told) != len(of_key):
            missed["sessions"] += abs(len(told) - len(of_key))
            continue
        for truth, record in zip(sorted(of_key, key=lambda truth: truth["first"]), told):
            for what in differences(truth, record):
                missed[what] += 1
                kinds[what, truth["outcome"], record.get("cause")] += 1
    missed["sessions"] += sum(map(len, records.values()))
    for what, count in missed.items():
        print(f"{what:12} {100 * (1 - count / max(total, 1)):8.3f} %  {count} of {total} differ")
    for (what, outcome, cause), count in kinds.most_common(20):
        print(f"  {count:6}  {what}: {outcome} is {cause}")
    sys.exit(any(count > (1 - GOAL) * total for count in missed.values()))


if __name__ == "__main__":
    main()
