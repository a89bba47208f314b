"""What root writes into somebody else's folder makes nothing of root's theirs."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from unittest.mock import patch

import pytest
from audits import ROOT
from commandline import TROUBLE, refused, run
from livenet import finished
from netns import namespaces, need, why_no_bpf
from strangers import STRANGER, folder_of_stranger, secret, untouched

SUDO = {"SUDO_UID": str(STRANGER), "SUDO_GID": str(STRANGER)}


@pytest.mark.parametrize("option", ["-w", "-o"])
@pytest.mark.parametrize("sudo", [SUDO, {"SUDO_UID": "", "SUDO_GID": ""}], ids=["sudo", "root"])
def test_a_capture_follows_no_link_of_theirs(
    tmp_path: Path, option: str, sudo: dict[str, str]
) -> None:
    """Issue 8: the owner of the folder became the owner of the file that his link led to."""
    need(why_no_bpf())
    theirs, kept = folder_of_stranger(tmp_path), secret(tmp_path)
    (theirs / "out").symlink_to(kept)
    with namespaces(1) as (home,), patch.dict(os.environ, sudo):
        code, shown, said = finished(
            home, "capture", "lo", option, theirs / "out", "--packets", "1"
        )
    assert (code, shown) == (2, "")
    assert said == (
        f"bareos-audit: {theirs}/out cannot be written: out is a link in a folder that others can "
        "write to; name what it leads to.\n"
    )
    assert untouched(kept)
    assert [path.name for path in theirs.iterdir()] == ["out"]


def test_what_a_capture_leaves_in_their_folder_is_theirs_and_private(tmp_path: Path) -> None:
    """And so again the next night, when the evidence is to be recorded over."""
    need(why_no_bpf())
    theirs = folder_of_stranger(tmp_path)
    outputs = ("-w", theirs / "evidence.pcapng", "-o", theirs / "report.json", "-f", "json")
    with namespaces(1) as (home,), patch.dict(os.environ, SUDO):
        for force in ((), ("--force",)):
            code, _, _ = finished(home, "capture", "lo", *outputs, *force, "--duration", "0.1s")
            assert code == 3
            for path in theirs.iterdir():
                state = path.stat()
                owner = (state.st_uid, state.st_gid, state.st_mode & 0o7777)
                assert owner == (STRANGER, STRANGER, 0o600)
        before = (theirs / "evidence.pcapng").read_bytes()
        code, _, said = finished(home, "capture", "lo", *outputs, "--duration", "0.1s")
        assert (code, "it is there already" in said) == (2, True)
    assert (theirs / "evidence.pcapng").read_bytes() == before
    assert {path.name for path in theirs.iterdir()} == {"evidence.pcapng", "report.json"}
    assert all(path.stat().st_size > 500 for path in theirs.iterdir())


@pytest.mark.parametrize(
    "command",
    [
        TROUBLE,
        ("thin", TROUBLE[1]),
        ("check", "-c", "captures/trouble/config", "--no-resolve"),
        ("expect", "-c", "captures/trouble/config", "--no-resolve"),
        ("rules",),
        ("doctor",),
        ("sockets",),
    ],
    ids=lambda command: command[0],
)
def test_no_command_follows_a_link_of_theirs(tmp_path: Path, command: tuple[str, ...]) -> None:
    theirs, kept = folder_of_stranger(tmp_path), secret(tmp_path)
    (theirs / "out").symlink_to(kept)
    assert "is a link in a folder that others can write to" in refused(
        *command, "-o", theirs / "out"
    )
    (theirs / "out").unlink()
    run(*command, "-o", theirs / "out")
    state = (theirs / "out").stat()
    assert (state.st_uid, state.st_mode & 0o7777) == (os.geteuid(), 0o600)
    assert untouched(kept)


@pytest.mark.slow
@pytest.mark.parametrize("place", ["/dev/stdout", "/dev/fd/1", "-"])
def test_standard_output_may_be_a_file_that_holds_something(tmp_path: Path, place: str) -> None:
    with (tmp_path / "all").open("w") as file:
        file.write("before\n")
        file.flush()
        command = [sys.executable, "-m", "auditor", "rules", "-o", place, "path-mtu"]
        subprocess.run(command, cwd=ROOT, stdout=file, check=True)
    assert (tmp_path / "all").read_text().startswith("before\npath-mtu")
