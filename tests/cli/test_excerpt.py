"""The command that writes the packets of one finding."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from commandline import TROUBLE, refused, run
from excerpts import segments

CAPTURE, *OPTIONS = TROUBLE[1:]


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    """Return the report of an audit."""
    path = tmp_path / "audit.json"
    assert run(*TROUBLE, "-f", "json", "-o", path, "--exit-zero").exit_code == 0
    return path


def stranger(saved: Path) -> str:
    """Return the id of a finding in it."""
    findings = json.loads(saved.read_text())["findings"]
    return next(str(one["id"]) for one in findings if one["rule"] == "unknown-initiator")


def test_a_saved_audit_and_its_capture_give_the_same_packets(saved: Path, tmp_path: Path) -> None:
    finding = stranger(saved)
    one, other = tmp_path / "one.pcapng", tmp_path / "other.pcapng"
    told = run("excerpt", saved, "--finding", finding, "-o", one)
    assert (told.exit_code, told.stdout) == (0, "")
    assert told.stderr == f"36 packets of 5 connections, from {CAPTURE}.\n"
    assert run("excerpt", CAPTURE, *OPTIONS, "--finding", finding, "-o", other).exit_code == 0
    assert one.read_bytes() == other.read_bytes()
    assert len(segments(one)) == 36
    assert one.stat().st_mode & 0o777 == 0o600


def test_it_replaces_no_file_but_by_force(saved: Path, tmp_path: Path) -> None:
    there = tmp_path / "there.pcapng"
    there.write_bytes(b"evidence")
    command = ("excerpt", saved, "--finding", stranger(saved), "-o", there)
    assert "--force" in refused(*command)
    itself = refused("excerpt", saved, "--finding=x", "-o", saved, "--force")
    assert "it is an audit that is read; name another file." in itself
    assert there.read_bytes() == b"evidence"
    assert run(*command, "--force").exit_code == 0
    assert len(segments(there)) == 36


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        (["--finding=unknown-initiator"], "did you mean unknown-initiator-"),
        (["--finding=x", "--config=captures/trouble/config"], "--config is for captures"),
        (["--finding=x", "--idle-limit=60m"], "--idle-limit is for captures"),
        (["--finding=x", "--rules=rules"], "--rules is for captures"),
        (["--finding=x", "-o", "/nowhere/x"], "/nowhere/x cannot be written"),
        ([], "--finding"),
    ],
)
def test_what_it_cannot_do_is_one_sentence(
    more: list[str], sentence: str, saved: Path, tmp_path: Path
) -> None:
    assert sentence in refused("excerpt", saved, "-o", tmp_path / "x", *more)


def test_standard_input_cannot_be_read_twice(tmp_path: Path) -> None:
    told = refused("excerpt", "-", "--finding=x", "-o", tmp_path / "x")
    assert "cannot be read twice" in told
