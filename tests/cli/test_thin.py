"""``bareos-audit thin`` writes evidence whole or not at all, and never over its input."""

from __future__ import annotations

import gzip
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from cutting import cut
from paths import CAPTURES

from auditor.cli.main import cli

FULL = CAPTURES / "trouble" / "capture.pcap"


def thin(*arguments: str | Path, given: bytes | None = None) -> Result:
    return CliRunner().invoke(cli, ["thin", *map(str, arguments)], input=given)


def test_it_reports_packets_and_bytes_in_and_out(tmp_path: Path) -> None:
    result = thin(FULL, "-o", tmp_path / "thin.pcapng")
    size = (tmp_path / "thin.pcapng").stat().st_size
    assert result.exit_code == 0
    assert result.stdout == ""
    assert f"762 packets ({FULL.stat().st_size} bytes) in, " in result.stderr
    assert f" packets ({size} bytes) out.\n" in result.stderr


def test_a_compressed_capture_is_thinned_as_the_plain_one(tmp_path: Path) -> None:
    packed = tmp_path / "capture.pcap.gz"
    packed.write_bytes(gzip.compress(FULL.read_bytes()))
    thin(FULL, "-o", tmp_path / "one")
    thin(packed, "-o", tmp_path / "two")
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


def test_ports_can_be_given(tmp_path: Path) -> None:
    result = thin(FULL, "--port", "sd=19103", "-o", tmp_path / "thin.pcapng")
    assert result.exit_code == 0


@pytest.mark.parametrize("linked", [False, True])
def test_the_capture_itself_is_never_overwritten(tmp_path: Path, linked: bool) -> None:
    capture = tmp_path / "capture.pcap"
    capture.write_bytes(FULL.read_bytes())
    output = tmp_path / "other.pcap" if linked else capture
    if linked:
        output.symlink_to(capture)
    result = thin(capture, "-o", output)
    assert result.exit_code == 2
    assert "it is a capture that is read" in result.stderr
    assert capture.read_bytes() == FULL.read_bytes()


def test_what_is_no_capture_leaves_the_output_as_it_was(tmp_path: Path) -> None:
    (tmp_path / "text").write_text("no capture at all, but a text that is long enough")
    (tmp_path / "thin.pcapng").write_text("before")
    result = thin(tmp_path / "text", "--force", "-o", tmp_path / "thin.pcapng")
    assert result.exit_code == 2
    assert "is not a capture" in result.stderr
    assert (tmp_path / "thin.pcapng").read_text() == "before"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["text", "thin.pcapng"]


def test_a_file_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    result = thin(FULL, "-o", tmp_path / "none" / "thin.pcapng")
    assert result.exit_code == 2
    assert result.stderr.count("\n") == 1


def test_only_the_owner_may_read_the_evidence(tmp_path: Path) -> None:
    thin(FULL, "-o", tmp_path / "thin.pcapng")
    assert (tmp_path / "thin.pcapng").stat().st_mode & 0o077 == 0


def test_what_was_cut_off_is_told_to_the_audit_of_the_evidence(tmp_path: Path) -> None:
    (tmp_path / "cut.pcap").write_bytes(FULL.read_bytes()[:-3])
    thin(tmp_path / "cut.pcap", "-o", tmp_path / "thin.pcapng")
    result = CliRunner().invoke(cli, ["analyze", str(tmp_path / "thin.pcapng")])
    assert "capture-incomplete" in result.stdout
    assert "the full file ended inside a record" in " ".join(result.stdout.split())


def test_a_key_makes_two_files_alike_and_is_never_overwritten(tmp_path: Path) -> None:
    key = tmp_path / "key"
    key.write_bytes(b"a secret of some bytes")
    for name in ("one", "two"):
        result = thin(FULL, "--anonymize", "--key", key, "-o", tmp_path / name)
        assert result.exit_code == 0, result.stderr
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()
    thin(FULL, "--anonymize", "-o", tmp_path / "other")
    assert (tmp_path / "one").read_bytes() != (tmp_path / "other").read_bytes()
    assert f"({(tmp_path / 'one').stat().st_size} bytes) out" in result.stderr
    over = thin(FULL, "--anonymize", "--key", key, "--force", "-o", key)
    assert over.exit_code == 2
    assert key.read_bytes() == b"a secret of some bytes"


@pytest.mark.parametrize("anonymize", [[], ["--anonymize"]])
def test_a_key_that_cannot_be_used_is_one_sentence(tmp_path: Path, anonymize: list[str]) -> None:
    result = thin(FULL, *anonymize, "--key", tmp_path / "none", "-o", tmp_path / "thin.pcapng")
    assert result.exit_code == 2
    assert "key" in result.stderr
    assert not (tmp_path / "thin.pcapng").exists()


def test_a_configuration_is_judged_with_the_capture_as_the_true_ones_are(tmp_path: Path) -> None:
    config, new = CAPTURES / "self-copy" / "config", tmp_path / "new folder"
    (tmp_path / "site").write_text("idle_limit: never\n")
    source, thinned = CAPTURES / "self-copy" / "capture.pcap", tmp_path / "thin.pcapng"
    options: list[str | Path] = ["--config", config, "--hosts", config / "hosts"]
    options += ["--site", tmp_path / "site", "-o", thinned]
    result = thin(source, "--anonymize", *options, "--config-out", new)
    assert result.exit_code == 0, result.stderr
    first = result.stderr.splitlines()[0]
    assert first == (
        f"42 files of the configuration; audit with --config '{new}' --hosts '{new}/hosts' --site "
        f"'{new}/site.yaml' --no-resolve"
    )
    words = shlex.split(first.partition("audit with ")[2])
    audit = CliRunner().invoke(cli, ["analyze", str(thinned), *words])
    assert audit.exit_code == 0, audit.stdout
    again = thin(source, "--anonymize", *options, "--config-out", new, "--force")
    assert again.exit_code == 0


@pytest.mark.parametrize(
    ("options", "why"),
    [
        (["--config-out", "new"], "--config-out needs --anonymize"),
        (["--anonymize", "--config-out", "new"], "--config to be given"),
        (["--anonymize", "--config", "CONFIG", "--config-out", "full"], "holds something"),
        (["--anonymize", "--config", "CONFIG", "--config-out", "CONFIG/new"], "which is read"),
        (["--anonymize", "--config", "CONFIG", "--config-out", "none/new"], "No such file"),
        (["--anonymize", "--config", "CONFIG", "--config-out", "full/a"], "it is no folder"),
    ],
)
def test_a_tree_that_cannot_be_made_is_one_sentence_and_nothing_is_written(
    tmp_path: Path, options: list[str], why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = CAPTURES / "trouble" / "config"
    (tmp_path / "full").mkdir()
    (tmp_path / "full/a").write_text("x")
    before = sorted(config.rglob("*"))
    monkeypatch.chdir(tmp_path)
    result = thin(FULL, "-o", "o", *(one.replace("CONFIG", str(config)) for one in options))
    assert result.exit_code == 2
    assert why in result.stderr
    assert len(result.stderr.splitlines()) <= 4  # with how a command is used
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["a", "full"]
    assert sorted(config.rglob("*")) == before


def test_a_configuration_that_is_refused_leaves_nothing(tmp_path: Path) -> None:
    config = tmp_path / "bareos-fd.conf"
    config.write_text(
        "Client { Name = a; TlsEnable = true\n}\nDirector { Name = b; Password = c\n}"
    )
    options: list[str | Path] = [
        "--anonymize",
        "--config",
        config,
        "--config-out",
        tmp_path / "new",
    ]
    assert thin(FULL, "-o", tmp_path / "o", *options, "--strict").exit_code == 2
    assert [path.name for path in tmp_path.iterdir()] == ["bareos-fd.conf"]
    assert thin(FULL, "-o", tmp_path / "o", *options).exit_code == 0


def test_files_and_folders_of_one_recording_become_one(tmp_path: Path) -> None:
    folder = tmp_path / "ring"
    folder.mkdir()
    pieces = cut(FULL, [100, 400, 600], folder)
    (folder / "README").write_text("What is here.")
    last = pieces[-1].rename(tmp_path / "last.pcap")
    result = thin(folder, last, "-o", tmp_path / "one")
    assert result.exit_code == 0, result.stderr
    assert "762 packets (" in result.stderr
    assert thin(FULL, "-o", tmp_path / "two").exit_code == 0
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()
    result = thin(folder, last, "--force", "-o", last)
    assert "it is a capture that is read" in result.stderr
    assert thin("-", last, "-o", tmp_path / "o").exit_code == 2


def test_captures_of_several_recordings_are_refused(tmp_path: Path) -> None:
    other = CAPTURES / "refusals" / "capture.pcap"
    result = thin(FULL, other, "-o", tmp_path / "one")
    assert result.exit_code == 2
    assert "The captures are 2 recordings, " in result.stderr
    assert not (tmp_path / "one").exists()
