"""``report``: every face of an audit that was saved."""

from __future__ import annotations

from pathlib import Path

import pytest
from commandline import TROUBLE, refused, run

CHECK = ("check", "--config=captures/trouble/config", "--no-resolve")


@pytest.mark.parametrize("made", [TROUBLE, CHECK], ids=["analyze", "check"])
@pytest.mark.parametrize("chosen", ["table", "csv", "json"])
def test_it_shows_what_the_command_would_have_shown(
    made: tuple[str, ...], chosen: str, tmp_path: Path
) -> None:
    saved = str(tmp_path / "audit.json")
    run(*made, "-f", "json", "-o", saved)
    direct, again = run(*made, "-f", chosen), run("report", saved, "-f", chosen)
    assert again.stdout == direct.stdout
    assert again.exit_code == direct.exit_code


def test_the_exit_code_can_be_left_out(tmp_path: Path) -> None:
    saved = str(tmp_path / "audit.json")
    assert run(*TROUBLE, "-f", "json", "-o", saved).exit_code > 0
    run("report", saved, "--exit-zero")


def test_what_is_no_saved_audit_is_refused(tmp_path: Path) -> None:
    saved = tmp_path / "audit.json"
    saved.write_text("{}")
    assert "is no report of an audit" in refused("report", str(saved))
