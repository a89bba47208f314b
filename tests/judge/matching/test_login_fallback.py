"""A refused TLS login before one in cleartext is a healthy network (bareos.md §1.1, §1.2)."""

from __future__ import annotations

from pathlib import Path

import pytest
from scene import CON, DIR, FD1, FD2, Wire, audit, cleartext, edited, network, refused

import auditor

FD, D = 9102, 9101
TRIED = refused("R_DIRECTOR\x1edir", 40)
AGREED = cleartext("Director dir calling", "R_CLIENT::fd1", "R_DIRECTOR::dir")
#: The Client of an old File Daemon, at both ends.
OLD = network(
    dir=edited("dir", "Password = fd1pw", "Password = fd1pw; TLS Require = no"),
    fd1=edited("fd1", "Password = fd1pw", "Password = fd1pw; TLS Require = no"),
)


def fell_back(result: auditor.Audit) -> list[bool]:
    return list(result.flows["login_fell_back"])


def refusals(result: auditor.Audit) -> int:
    return sum("login-refused" in rules for rules in result.findings["rules"])


def test_three_connections_are_one_login(tmp_path: Path) -> None:
    tape = Wire().dial(DIR, FD1, FD, TRIED).turn_away().dial(DIR, FD1, FD, TRIED).turn_away()
    result = audit(tmp_path, tape.dial(DIR, FD1, FD, AGREED), OLD)
    assert fell_back(result) == [True, True, False]
    assert refusals(result) == 0
    assert result.passed["login-refused"] == 1  # the login in cleartext; the others prove nothing


def test_python_bareos_does_the_same(tmp_path: Path) -> None:
    agreed = cleartext("admin calling", "R_DIRECTOR::dir", "R_CONSOLE::admin")
    tape = Wire().dial(CON, DIR, D, refused("R_CONSOLE\x1eadmin", 40)).turn_away()
    assert refusals(audit(tmp_path, tape.dial(CON, DIR, D, agreed))) == 0


@pytest.mark.parametrize(
    "then",
    [
        lambda tape: tape.silence(60).dial(DIR, FD1, FD, AGREED),
        lambda tape: tape.dial(DIR, FD2, FD, AGREED),
        lambda tape: tape.dial(CON, FD1, FD, AGREED),
        lambda tape: tape.dial(DIR, FD1, FD, cleartext("Director dir calling", "", proven=False)),
        lambda tape: tape.dial(DIR, FD1, FD, (AGREED[0], b"")),
    ],
    ids=["later", "another acceptor", "another initiator", "refused too", "not answered"],
)
def test_anything_else_leaves_it_refused(then, tmp_path: Path) -> None:
    tape = then(Wire().dial(DIR, FD1, FD, TRIED).turn_away())
    result = audit(tmp_path, tape.silence(1).turn_away(), OLD)
    assert not any(fell_back(result))
    assert refusals(result) > 0


def test_cleartext_before_it_is_no_fallback(tmp_path: Path) -> None:
    tape = Wire().dial(DIR, FD1, FD, AGREED).hang_up().dial(DIR, FD1, FD, TRIED).turn_away()
    assert fell_back(audit(tmp_path, tape, OLD)) == [False, False]
