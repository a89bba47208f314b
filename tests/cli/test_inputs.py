"""What a command reads is never what it writes."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
import zstandard
from audits import ROOT
from commandline import refused, run

from auditor.cli.inputs import inputs
from auditor.report.formats import LISTINGS, SUFFIXES

#: Suffixes of what ``expect`` writes, too.
LISTED = [suffix for suffix, one in SUFFIXES.items() if one in LISTINGS]
FULL = ROOT / "captures/trouble/capture.pcap"
CONFIG = ROOT / "captures/trouble/config"


@pytest.fixture
def here(tmp_path: Path) -> Path:
    """A capture, a configuration, a site file, a hosts file and a rule."""
    (tmp_path / "z.pcap").write_bytes(FULL.read_bytes())
    (tmp_path / "link.txt").symlink_to("z.pcap")
    (tmp_path / "bareos").mkdir()
    (tmp_path / "bareos/fd1.conf").write_text("Director {\n  Name = x\n  Password = y\n}\n")
    (tmp_path / "site.yaml").write_text("hosts: {}\n")
    (tmp_path / "hosts").write_text("10.0.0.1 fd1\n")
    (tmp_path / "rules").mkdir()
    (tmp_path / "known.json").write_text("{}")
    return tmp_path


def given(here: Path) -> list[str | Path]:
    options = {"config": "bareos", "site": "site.yaml", "hosts": "hosts", "rules": "rules"}
    options["baseline"] = "known.json"
    return [f"--{name}={here / path}" for name, path in options.items()]


@pytest.mark.parametrize("force", [[], ["--force"]], ids=["", "force"])
@pytest.mark.parametrize(
    ("target", "what"),
    [
        ("z.pcap", "it is a capture that is read; name another file."),
        ("link.txt", "it is a capture that is read; name another file."),
        ("site.yaml", "it is the site file; name another file."),
        ("hosts", "it is the hosts file; name another file."),
        ("known.json", "it is the baseline; name another file."),
        ("bareos/fd1.conf", "it lies in the configuration {}/bareos, which --config names; name"),
        ("bareos/new.txt", "it lies in the configuration {}/bareos, which --config names; name"),
        ("rules/new.json", "it lies in the rules in {}/rules; name a file elsewhere."),
    ],
)
def test_an_output_that_is_an_input_is_refused_before_anything_is_read(
    here: Path, target: str, what: str, force: list[str]
) -> None:
    before = {path: path.read_bytes() for path in here.rglob("*") if path.is_file()}
    (here / "z.pcap").chmod(0)
    said = refused("analyze", here / "z.pcap", *given(here), "-o", here / target, *force)
    assert said.startswith(f"{here / target} cannot be written: {what.format(here)}")
    assert {path: path.read_bytes() for path in here.rglob("*") if path.is_file()} == before


@pytest.mark.parametrize("force", [[], ["--force"]], ids=["", "force"])
@pytest.mark.parametrize("captures", ["folder", "folder/*.pcap", "r.pcapng"])
def test_a_capture_that_is_found_is_as_much_an_input_as_one_that_is_named(
    here: Path, captures: str, force: list[str]
) -> None:
    (here / "folder").mkdir()
    for name in ("folder/y.pcap", "r_00001_20261126000000.pcapng"):
        (here / name).write_bytes(FULL.read_bytes())
        said = "it is a capture that is read"
        if captures.startswith(name[:2]):
            assert said in refused("analyze", here / captures, "-o", here / name, *force)
    assert run("analyze", here / captures, "-o", here / "folder/a.txt").exit_code != 2


@pytest.mark.parametrize("command", ["check", "expect", "sockets"])
def test_every_command_that_reads_a_configuration_leaves_it_alone(here: Path, command: str) -> None:
    said = refused(command, "-c", here / "bareos/fd1.conf", "-o", here / "bareos/fd1.conf")
    assert "it is the configuration" in said
    assert "it lies in" in refused(command, "-c", here / "bareos", "-o", here / "bareos/x.txt")
    assert sorted(path.name for path in (here / "bareos").iterdir()) == ["fd1.conf"]


def test_rules_are_left_alone_by_who_lists_them(here: Path) -> None:
    assert "it lies in the rules" in refused(
        "rules", "--rules", here / "rules", "-o", here / "rules/a"
    )


@pytest.mark.parametrize("pack", [bytes, gzip.compress, zstandard.compress])
@pytest.mark.parametrize("force", [[], ["--force"]], ids=["", "force"])
def test_no_report_replaces_a_capture(here: Path, pack: type[bytes], force: list[str]) -> None:
    (here / "other").write_bytes(pack(FULL.read_bytes()))
    said = refused("rules", "-o", here / "other", *force)
    assert said == f"{here / 'other'} cannot be written: it is a capture; name another file."


def test_a_file_that_is_no_report_is_replaced_by_force_only(here: Path) -> None:
    (here / "notes.txt").write_text("pass: who knows\n")
    said = refused("rules", "-o", here / "notes.txt")
    assert said == (
        f"{here / 'notes.txt'} cannot be written: it is there already and is no report of ours; "
        "name another file, or replace it with --force."
    )
    assert (here / "notes.txt").read_text() == "pass: who knows\n"
    assert run("rules", "-o", here / "notes.txt", "--force").exit_code == 0
    assert (here / "notes.txt").read_text().startswith("high ")


@pytest.mark.parametrize(
    ("suffix", "before"),
    [*((one, ".json") for one in SUFFIXES), *((".txt", one) for one in LISTED)],
)
def test_tonight_s_report_replaces_last_night_s(here: Path, suffix: str, before: str) -> None:
    run("expect", "-c", CONFIG, "--no-resolve", "-o", here / f"first{before}")
    target = here / f"report{suffix}"
    (here / f"first{before}").rename(target)
    result = run("analyze", here / "z.pcap", "-c", CONFIG, "--no-resolve", "-o", target)
    assert (result.exit_code, result.output) == (14, "")


def test_a_thinned_capture_replaces_nothing_unless_it_is_told_to(here: Path) -> None:
    said = refused("thin", here / "z.pcap", "-o", here / "z.pcap", "--force")
    assert "it is a capture that is read" in said
    run("thin", here / "z.pcap", "-o", here / "thin.pcapng")
    first = (here / "thin.pcapng").read_bytes()
    (here / "thin.pcapng").write_bytes(first + b"more")
    said = refused("thin", here / "z.pcap", "-o", here / "thin.pcapng")
    assert "it is there already; name another file, or replace it with --force" in said
    assert (here / "thin.pcapng").read_bytes() == first + b"more"
    run("thin", here / "z.pcap", "-o", here / "thin.pcapng", "--force")
    assert (here / "thin.pcapng").read_bytes() == first


def test_a_saved_audit_is_an_input(here: Path) -> None:
    run("check", "-c", CONFIG, "--no-resolve", "-o", here / "audit.json")
    saved = (here / "audit.json").read_text()
    said = refused("report", here / "audit.json", "-o", here / "audit.json", "--force")
    assert "it is an audit that is read" in said
    assert (here / "audit.json").read_text() == saved
    run("report", here / "audit.json", "-o", here / "audit.csv")
    assert (here / "audit.csv").read_text().startswith("id,rule,"), "the findings of a check"


def test_the_options_of_every_command_are_known() -> None:
    found = inputs(
        ["a", "-"],
        config=("b", "c"),
        site="d",
        hosts=None,
        include_root=("e",),
        more_rules=("f",),
        resolve=True,
    )
    assert [path for path, _ in found] == ["a", "-", "b", "c", "d", "e", "f"]
