"""Logon: NLA, with users and passwords that are right and wrong."""
from kit.peers import shadow, stand_in
from kit.scenario import Scenario
from kit.truth import died, fine, first, record_of, sealed_goodbye

from .common import fails
from .tls import boxed

SCRIPT = "real client; the server is a script"
#: STATUS_ACCOUNT_LOCKED_OUT.
LOCKED = 0xC0000234



def refused(name, story, *more, **who):
    """freerdp-shadow refuses somebody: it says good-bye inside TLS, and gives no code."""
    verdict = died("nla.refused-no-code", "server", first("server", sealed_goodbye))
    return Scenario(name, story, server=shadow, play=fails("/sec:nla", *more, **who), expect=(verdict,), rest=verdict)


SCENARIOS = (
    refused("nla.refused-no-code--wrong-password", "The password is wrong.", password="wrong"),
    refused("nla.refused-no-code--wrong-password-tls12", "The password is wrong; TLS 1.2.", "+enforce-tlsv1_2", password="wrong"),
    refused("nla.refused-no-code--no-such-user", "There is no such user.", user="nobody"),
    Scenario(
        "nla.refused--account-locked", "The server answers the first token with an error: the account is locked.",
        server=lambda stage: stand_in(stage, "token-status", LOCKED), play=fails("/sec:nla"), made=SCRIPT,
        # The error is 15 bytes long; TLS 1.3 adds 17.
        expect=(died("nla.refused", "server", first("server", record_of(32))),),
        rest=died("nla.refused", "server", first("server", record_of(32)))),
    Scenario(
        "nla.pubkey-mismatch--freerdp", "A box ends TLS, and NLA finds out.",
        server=boxed(shadow), play=fails("/sec:nla", "+enforce-tlsv1_2"),
        expect=(died(("nla.pubkey-mismatch", "nla.refused"), ("server", "client", "middlebox"), None, findings=("tls.interception",)),),
        rest=died(("nla.pubkey-mismatch", "nla.refused"), ("server", "client", "middlebox"), None)),
    Scenario(
        "ok--logon-checked-only", "The client logs on to see whether it can, and leaves.",
        server=shadow, play=fails("/sec:nla", "+auth-only"),
        expect=(fine(outcomes=("ok", "unsure")),)),
)
