"""A recording and its configuration, both with other names, are judged as the true ones are."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import pandas as pd
import pytest
from paths import CAPTURES

import auditor
from auditor.config.problem_kinds import ProblemKind
from auditor.config.reading import read_configuration, read_written
from auditor.config.resources import Configuration
from auditor.evidence.anonymizing.copying import key_of
from auditor.pipeline.anonymizing.file_names import FileNames
from auditor.pipeline.anonymizing.stand_ins import StandIns
from auditor.site.resolver import canonical
from auditor.site.written_addresses import written

SECRET = b"a key that is for tests only"
STAND_INS = StandIns(key_of(SECRET) or b"")
#: Of those that `capture` made one is enough: with names replaced, test_copying has them all.
RECORDINGS = [*sorted(CAPTURES.rglob("capture.pcap")), CAPTURES / "self-copy/live-dir-all.pcapng"]
_each = pytest.mark.parametrize(
    "source", RECORDINGS, ids=lambda path: "-".join(path.relative_to(CAPTURES).parts)
)
#: What an audit says of a name nowhere, though it may be an ordinary word.
UNSAID = {"Messages", "FileSet", "Pool", "Schedule", "Profile"}
NAMED = ("identity_name", "challenge_name", "database", "database_user")
#: Names of programs, which are no names of a site, are called as the test calls those.
PROGRAMS = {one: STAND_INS.name(one) for one in ("bareos-dir", "bareos-fd", "bareos-sd")}
#: Values that are no names.
KEPT = {"left out", "/bacula/left out", "yes", "no", "true", "Backup", "Restore", "Verify", "Copy"}
KEPT |= {"Full", "{", "all"}
TABLES = ("flows", "expectations", "findings")


class Both(NamedTuple):
    """The audits of the true names and of those that stand for them."""

    true: Any
    hidden: Any
    true_check: Any
    hidden_check: Any
    known: dict[str, str]
    written: str
    """All files of the new tree."""
    configuration: Configuration
    notes: tuple[str, ...]


@cache
def both(source: Path) -> Both:
    config = next(one / "config" for one in source.parents if (one / "config").is_dir())
    hosts = config / "hosts" if (config / "hosts").exists() else None
    true = auditor.load_network(config=config, hosts=hosts, resolve=False)
    with TemporaryDirectory() as folder:
        plain, other, tree = f"{folder}/plain", f"{folder}/other", f"{folder}/tree"
        auditor.thin(source, plain, network=true)
        auditor.thin(source, other, anonymize=SECRET, network=true)
        made = auditor.anonymize(config, tree, key=SECRET, hosts=hosts)
        new = auditor.load_network(config=made.config, hosts=made.hosts, resolve=False)
        audits = auditor.audit(plain, network=true), auditor.audit(other, network=new)
        checks = auditor.check(network=true), auditor.check(network=new)
        files = [path for path in Path(tree).rglob("*") if path.is_file()]
        text = "".join(path.read_text() for path in files)
        known = _known(config, tree) | _on_the_wire(audits[0].flows)
        known |= _on_the_wire(audits[0].expectations)
    return Both(*audits, *checks, known, text, read_configuration([config]), made.notes)


def _known(config: Path, tree: str) -> dict[str, str]:
    """Return what stands for what a configuration has, and where its files are."""
    configuration, programs = read_written([config])
    anew = read_configuration([tree])
    files = FileNames([name for one in programs for name in one.visits], [str(config)])
    known = {name: STAND_INS.name(name) for name in _names(configuration)}
    known |= {one: STAND_INS.address(one) for one in written(configuration) if one}
    known |= {one: f"{tree}/{files.of(one)}" for program in programs for one in program.visits}
    pairs = zip(configuration.programs, anew.programs, strict=True)
    return known | {one.label: other.label for one, other in pairs}


def _names(configuration: Configuration) -> Iterator[str]:
    for program in configuration.programs:
        for resource in program.resources:
            if resource.type in UNSAID:
                continue
            yield resource.name
            for name in ("DbUser", "DbName", "Director"):
                if text := resource.text(name):
                    yield text
            device = resource.get("Device")
            if device is not None and isinstance(device.value, tuple):
                yield from map(str, device.value)


def _on_the_wire(table: pd.DataFrame) -> dict[str, str]:
    known = {}
    for column in table.columns:
        for cell in table[column].dropna():
            for one in cell if isinstance(cell, list | tuple) else [cell]:
                if isinstance(one, str) and canonical(one):
                    known[one] = STAND_INS.address(one)
                elif one and column in NAMED:
                    known[one] = STAND_INS.name(one)
                elif one and column == "server_name":
                    known[one] = STAND_INS.host(one)
    return known


def cells(table: pd.DataFrame, known: dict[str, str]) -> list[list[list[str]]]:
    """Return the words of each cell, sorted, since lists of names are, with what stands for names;
    of a file that is called by its last name only the line."""
    table = table.drop(columns=[one for one in ("capture", "last_capture", "id") if one in table])
    longest = sorted(known, key=len, reverse=True)
    form = "|".join(rf"(?<![\w.-]){re.escape(one)}(?![\w-]|\.\w)" for one in longest)
    pattern = re.compile(form)

    def words(cell: object) -> list[str]:
        text = pattern.sub(lambda found: known[found[0]], str(cell))
        return sorted(re.split(r"[\s,'\"\[\]]+", re.sub(r"[^\s(,/'\"]+\.conf\b", ".conf", text)))

    return sorted([words(cell) for cell in row] for row in table.itertuples(index=False))


@_each
def test_the_audit_is_the_same_but_for_the_names(source: Path) -> None:
    found = both(source)
    assert found.hidden.verdict == found.true.verdict
    for name in TABLES:
        true, hidden = getattr(found.true, name), getattr(found.hidden, name)
        assert cells(hidden, PROGRAMS) == cells(true, found.known), name


@_each
def test_the_check_is_the_same_but_for_the_names(source: Path) -> None:
    found = both(source)
    unsaid = [ProblemKind.INCLUDE_COMMAND_READ.value]
    true = found.true_check.findings
    true = true[~true["rule"].isin(unsaid)]
    assert cells(found.hidden_check.findings, PROGRAMS) == cells(true, found.known)


@_each
def test_nothing_that_people_wrote_is_left_but_numbers_and_known_words(source: Path) -> None:
    found = both(source)
    resources = [r for one in found.configuration.programs for r in one.resources]
    theirs = {*found.known.values(), *(STAND_INS.name(one.name) for one in resources)}
    values = re.findall(r'"([^"\n]*)"|= ([^"\s;]+)', re.sub(r'@"[^"]*"', "", found.written))
    left = {one or other for one, other in values} - theirs - KEPT
    assert not {one for one in left if not re.fullmatch(r"\d*|[0-9a-f]{32}|\d+ ?[a-z]+", one)}


@_each
def test_no_name_and_no_address_of_the_configuration_is_left(source: Path) -> None:
    found = both(source)
    secret = {name for name, other in found.known.items() if name != other}
    secret |= {r.name for one in found.configuration.programs for r in one.resources}
    text = re.sub(r'@"[^"]*"|/bacula/left', "", found.written)
    for name in secret - {"bareos-mon"}:
        bounded = rf"(?<![\w.-]){re.escape(name)}(?![\w.-])"
        assert len(name) < 5 or not re.search(f'"{name}"|{bounded}(?! *[={{])', text), name


def test_only_what_is_known_is_not_carried_over() -> None:
    notes = {note for source in RECORDINGS for note in both(source).notes}
    assert sorted(note.partition("(")[0].strip() for note in notes) == [
        "Nobody can resolve what stands for host names",
        "Of directives that are not known",
        "Of what is odd in the configuration the tree does not show: include-command-read",
    ]
