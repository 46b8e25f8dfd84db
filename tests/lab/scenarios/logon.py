"""Logon: NLA, with users and passwords that are right and wrong."""
from kit.peers import plain_client, shadow, stand_in, xfreerdp
from kit.scenario import Scenario
from kit.truth import closing, died, fine, first

from .common import fails
from .tls import boxed

SCRIPT = "real client; the server is a script"
#: STATUS_ACCOUNT_LOCKED_OUT.
LOCKED = 0xC0000234

SCENARIOS = (
    Scenario(
        "nla.refused--wrong-password", "The password is wrong.",
        server=shadow, play=fails("/sec:nla", password="wrong"),
        expect=(died("nla.refused", "server", None),), rest=died("nla.refused", "server", None)),
    Scenario(
        "nla.refused--wrong-password-tls12", "The password is wrong; TLS 1.2.",
        server=shadow, play=fails("/sec:nla", "+enforce-tlsv1_2", password="wrong"),
        expect=(died("nla.refused", "server", None),), rest=died("nla.refused", "server", None)),
    Scenario(
        "nla.refused--no-such-user", "There is no such user.",
        server=shadow, play=fails("/sec:nla", user="nobody"),
        expect=(died("nla.refused", "server", None),), rest=died("nla.refused", "server", None)),
    Scenario(
        "nla.refused--account-locked", "The server answers the first token with an error: the account is locked.",
        server=lambda stage: stand_in(stage, "token-status", LOCKED), play=fails("/sec:nla"), made=SCRIPT,
        expect=(died("nla.refused", "server", None),), rest=died("nla.refused", "server", None)),
    Scenario(
        "nla.pubkey-mismatch--inspected", "A box ends TLS, and NLA finds out.",
        server=boxed(shadow), play=fails("/sec:nla", "+enforce-tlsv1_2"),
        expect=(died(("nla.pubkey-mismatch", "nla.refused"), ("server", "client", "middlebox"), None, findings=("tls.interception",)),),
        rest=died(("nla.pubkey-mismatch", "nla.refused"), ("server", "client", "middlebox"), None)),
    Scenario(
        "ok--logon-checked-only", "The client logs on to see whether it can, and leaves.",
        server=shadow, play=fails("/sec:nla", "+auth-only"),
        expect=(fine(outcomes=("ok", "unsure")),)),
)
