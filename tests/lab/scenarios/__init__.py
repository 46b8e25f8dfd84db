"""All scenarios, in the order of the wire. A new one is an entry in one of the tables."""
from fnmatch import fnmatchcase

from . import healthy, logon, negotiation, path, scans, session, tcp, tls

TABLES = (tcp, path, negotiation, tls, logon, session, scans, healthy)
SCENARIOS = tuple(scenario for table in TABLES for scenario in table.SCENARIOS)


def chosen(patterns):
    """The scenarios whose names fit one of `patterns`; all, if there are none."""
    fits = lambda name: not patterns or any(fnmatchcase(name, pattern) for pattern in patterns)
    return [scenario for scenario in SCENARIOS if fits(scenario.name)]


def named(name):
    return next(scenario for scenario in SCENARIOS if scenario.name == name)
