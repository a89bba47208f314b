"""Any number of reports of one piece of work, each in the format that its name asks for."""

from __future__ import annotations

import json
from pathlib import Path

import click
import pytest
from commandline import HEARTBEAT, refused, run

import auditor.api
from auditor.cli.choice import Choice
from auditor.cli.places import Place, reports
from auditor.report.formats import Format
from auditor.report.interface import TableName

CHOICE = Choice(tuple(Format))


@pytest.mark.parametrize(
    ("outputs", "chosen", "formats"),
    [
        ((), None, ["table"]),
        ((), "json", ["json"]),
        (("-",), "csv", ["csv"]),
        (("a.json",), None, ["json"]),
        (("a.JSON", "b.csv", "c.txt"), None, ["json", "csv", "table"]),
        (("a.json",), "json", ["json"]),
        (("a", "b.out", "c.json.old"), "csv", ["csv", "csv", "csv"]),
        (("a", "b.json", "-"), None, ["table", "json", "table"]),
        (("b.json", "-"), "csv", ["json", "csv"]),
        (("/x.json/report",), None, ["table"]),
    ],
)
def test_the_suffix_says_the_format_and_the_option_where_it_does_not(
    outputs: tuple[str, ...], chosen: str | None, formats: list[str]
) -> None:
    asked = reports(outputs, chosen, CHOICE)
    assert [place.target for place in asked.places] == list(outputs or ["-"])
    assert [str(place.format) for place in asked.places] == formats


@pytest.mark.parametrize(("chosen", "target"), [("json", "a.txt"), ("csv", "b.JSON")])
def test_a_format_that_no_file_has_contradicts(chosen: str, target: str) -> None:
    with pytest.raises(click.UsageError) as error:
        reports((target,), chosen, CHOICE)
    meant = {"a.txt": "table", "b.JSON": "json"}[target]
    assert str(error.value) == (
        f"--format {chosen} contradicts -o {target}, whose suffix stands for {meant}: "
        f"leave --format away, or name the file .{chosen}."
    )


def test_a_format_that_the_command_has_not_is_refused_by_what_it_has() -> None:
    with pytest.raises(click.UsageError, match=r"-o a\.csv: .* csv; name the file \.txt, \.json\."):
        reports(("a.csv",), None, Choice((Format.TABLE, Format.JSON)))


def test_a_table_is_for_a_format_that_has_one() -> None:
    for outputs, chosen in (((), "csv"), (("a.json", "b.csv"), None), (("a",), "csv")):
        assert reports(outputs, chosen, CHOICE, "probes").table is TableName.PROBES
    for outputs, chosen in (((), None), (("a.json",), None), (("a",), "json")):
        with pytest.raises(click.UsageError, match="--table probes chooses the one table of"):
            reports(outputs, chosen, CHOICE, "probes")
    tables = (TableName.FINDINGS, TableName.FLOWS)
    assert reports((), "csv", CHOICE._replace(tables=tables)).table is TableName.FINDINGS


def test_a_table_without_csv_is_one_sentence() -> None:
    said = refused(*HEARTBEAT, "--table", "probes")
    assert said.startswith("--table probes chooses the one table of --format csv, which is not")


def test_brief_is_for_the_table() -> None:
    for outputs, chosen in (((), None), (("a.json", "-"), None), (("a.html", "b.txt"), None)):
        assert reports(outputs, chosen, CHOICE, brief=True).brief
    assert not reports((), None, CHOICE).brief
    for outputs, chosen in (((), "json"), (("a.html",), None), (("a", "-"), "csv")):
        with pytest.raises(click.UsageError, match="--brief shortens --format table, which is not"):
            reports(outputs, chosen, CHOICE, brief=True)


def test_one_audit_comes_out_in_every_format(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, audit = [], auditor.api.audit
    monkeypatch.setattr(auditor.api, "audit", lambda *a, **k: made.append(1) or audit(*a, **k))
    names = ["r.txt", "r.json", "r.csv", "-"]
    outputs = [f"-o{name if name == '-' else tmp_path / name}" for name in names]
    result = run(*HEARTBEAT, *outputs, "--table", "findings", COLUMNS="100")
    assert (result.exit_code, made) == (0, [1])
    assert (tmp_path / "r.txt").read_text() == result.stdout
    flows = json.loads((tmp_path / "r.json").read_text())["summary"]["coverage"]["flows"]
    assert flows == 25
    assert (tmp_path / "r.csv").read_text().startswith("id,rule,verdict,severity,")


def test_each_report_is_what_it_would_be_alone(tmp_path: Path) -> None:
    run(
        *HEARTBEAT, f"-o{tmp_path / 'a.json'}", f"-o{tmp_path / 'b.csv'}", f"-o{tmp_path / 'c.txt'}"
    )
    for name, chosen in (("a.json", "json"), ("b.csv", "csv"), ("c.txt", "table")):
        assert (tmp_path / name).read_text() == run(*HEARTBEAT, "-f", chosen, COLUMNS="100").stdout


def test_one_that_cannot_be_written_keeps_no_other_from_it(tmp_path: Path) -> None:
    result = run(*HEARTBEAT, "-o", "/dev/full", "-o", tmp_path / "r.json")
    assert result.exit_code == 2
    assert "/dev/full cannot be written: No space left on device" in result.stderr
    assert json.loads((tmp_path / "r.json").read_text())["schema"] == "bareos-audit/1"


@pytest.mark.parametrize(
    ("names", "sentence"),
    [
        (("a.txt", "a.txt"), "a.txt is named twice: give each output a file of its own."),
        (("a.txt", "./a.txt"), "are one file: give each output a file of its own."),
        (("a.txt", "link.txt"), "are one file"),
        (("there.txt", "second.txt"), "are one file"),
        (("folder/new.json", "to/new.json"), "are one file"),
    ],
)
def test_two_outputs_to_one_file_are_refused(
    tmp_path: Path, names: tuple[str, str], sentence: str
) -> None:
    (tmp_path / "there.txt").touch()
    (tmp_path / "second.txt").hardlink_to(tmp_path / "there.txt")
    (tmp_path / "link.txt").symlink_to("a.txt")
    (tmp_path / "folder").mkdir()
    (tmp_path / "to").symlink_to("folder")
    before = sorted(path.name for path in tmp_path.rglob("*"))
    one, other = (f"{tmp_path}/{name}" for name in names)
    assert sentence in refused(*HEARTBEAT, "-o", one, "-o", other)
    assert sorted(path.name for path in tmp_path.rglob("*")) == before


@pytest.mark.parametrize("other", ["-", "/dev/stdout", "/dev/fd/1"])
def test_standard_output_takes_one_report(other: str) -> None:
    sentence = "give each output a file of its own."
    assert refused("rules", "-o", "-", "-o", other).endswith(sentence)


def test_nothing_is_read_where_a_place_cannot_be_had(tmp_path: Path) -> None:
    said = refused("analyze", "nowhere.pcap", "-o", "-", "-o", tmp_path / "no/r.json")
    assert "the directory" in said
    assert "nowhere.pcap" not in said


def test_a_device_takes_any_number() -> None:
    assert run("rules", "-o", "/dev/null", "-o", "/dev/null").exit_code == 0


def test_places_are_what_options_come_to() -> None:
    asked = reports(("a.json",), None, CHOICE, force=True)
    assert (asked.places, asked.force, asked.named) == ((Place("a.json", Format.JSON),), True, True)
