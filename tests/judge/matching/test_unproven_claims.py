"""A name that nobody proved never makes a host known, whatever it is and whoever is dialled."""

from __future__ import annotations

from pathlib import Path

import pytest
from scene import (
    CON,
    DIR,
    ELSEWHERE,
    FD1,
    SD1,
    STRANGER,
    Wire,
    abstained,
    audit,
    failed,
    network,
    offer,
    tls,
)

RULE = "unknown-initiator"
CLAIMS = [
    (DIR, 9101, "R_CONSOLE\x1e*UserAgent*"),
    (DIR, 9101, "R_CONSOLE\x1eadmin"),
    (DIR, 9101, "R_CLIENT\x1efd3"),
    (FD1, 9102, "R_DIRECTOR\x1edir"),
    (SD1, 9103, "R_DIRECTOR\x1edir"),
    (FD1, 9102, "R_DIRECTOR\x1ebareos-mon"),
]


@pytest.mark.parametrize(("target", "port", "name"), CLAIMS)
@pytest.mark.parametrize("host", [STRANGER, ELSEWHERE, CON])
@pytest.mark.parametrize("end", [Wire.hang_up, Wire.turn_away])
def test_who_only_claims_a_name_and_is_not_answered_is_a_stranger(
    tmp_path: Path, host: str, target: str, port: int, name: str, end: object
) -> None:
    tape = Wire().dial(host, target, port, (offer(name), b""))
    assert callable(end)
    result = audit(tmp_path, end(tape))
    assert {RULE, "login-refused"} & set(failed(result))
    assert result.severity == "high"


@pytest.mark.parametrize(("target", "port", "name"), CLAIMS)
def test_what_the_acceptor_makes_of_a_claim_is_awaited(
    tmp_path: Path, target: str, port: int, name: str
) -> None:
    """The connection is open, or the answer was not captured: undecided, and said."""
    tape = Wire().dial(STRANGER, target, port, (offer(name), b""))
    result = audit(tmp_path, tape)
    assert RULE in (*abstained(result), *failed(result))
    assert result.verdict != "pass"


def test_a_name_that_the_acceptor_took_is_no_mere_claim(tmp_path: Path) -> None:
    tape = Wire().dial(ELSEWHERE, DIR, 9101, tls("R_CONSOLE\x1eadmin")).hang_up()
    assert RULE not in (*failed(audit(tmp_path, tape)), *abstained(audit(tmp_path, tape)))


def test_the_daemon_itself_at_its_address_needs_no_answer(tmp_path: Path) -> None:
    tape = Wire().dial(DIR, SD1, 9103, (offer("R_DIRECTOR\x1edir"), b"")).hang_up()
    assert RULE not in failed(audit(tmp_path, tape, network()))
