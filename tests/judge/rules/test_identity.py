"""A finding has one name in every run: made of rule, names, number and port, of nothing else."""

from __future__ import annotations

from pathlib import Path
from shutil import copytree

import pytest
from paths import CAPTURES
from scene import CON, DIR, DIRECTOR, FD1, FD2, SD1, STRANGER, Wire, audit, tls

import auditor


def ids(folder: Path, tape: Wire, rule: str, **options: object) -> set[str]:
    folder.mkdir(parents=True, exist_ok=True)
    found = audit(folder, tape, strict=False, **options).findings  # read anew, from this folder
    return set(found[found["rule"] == rule]["id"])


def refused(*ports: tuple[str, str, int]) -> Wire:
    tape = Wire()
    for initiator, acceptor, port in ports:
        tape.attempt(initiator, acceptor, port).rst()
    return tape


def test_a_finding_has_its_rule_in_its_name(tmp_path: Path) -> None:
    (found,) = ids(tmp_path, refused((DIR, FD1, 9102)), "connection-refused")
    rule, _, digits = found.rpartition("-")
    assert rule == "connection-refused"
    assert len(bytes.fromhex(digits)) == 5


def test_it_is_the_same_from_another_checkout_another_time_and_beside_others(
    tmp_path: Path,
) -> None:
    once = ids(tmp_path / "a", refused((DIR, FD1, 9102)), "connection-refused")
    tape = refused((DIR, SD1, 9103)).silence(3600)
    for _ in range(12):
        tape.attempt(DIR, FD1, 9102).rst()
    again = ids(tmp_path / "other" / "checkout", tape, "connection-refused")
    assert once < again


@pytest.mark.parametrize("other", [(DIR, FD2, 9102), (DIR, SD1, 9103), (STRANGER, FD1, 9102)])
def test_another_end_or_port_is_another_finding(
    tmp_path: Path, other: tuple[str, str, int]
) -> None:
    one = ids(tmp_path / "a", refused((DIR, FD1, 9102)), "connection-refused")
    assert one.isdisjoint(ids(tmp_path / "b", refused(other), "connection-refused"))


def test_a_stranger_is_one_whatever_he_dials_first(tmp_path: Path) -> None:
    evil = tls("R_DIRECTOR\x1eevil", proven=False)
    dialled = [(SD1, 9103), (FD1, 9102)]
    names = set[str]()
    for order in (dialled, dialled[::-1]):
        tape = Wire()
        for acceptor, port in order:
            tape.dial(STRANGER, acceptor, port, evil)
        names |= ids(tmp_path / str(port), tape, "unknown-initiator")
    assert len(names) == 1
    other = Wire().dial(CON.replace("40", "99"), SD1, 9103, evil)
    assert names.isdisjoint(ids(tmp_path / "other", other, "unknown-initiator"))


def test_the_verdict_is_no_part_of_it(tmp_path: Path) -> None:
    """What fails today and cannot be told tomorrow is still the same matter."""
    tape = Wire().dial(DIR, FD1, 9102, DIRECTOR).dial(STRANGER, SD1, 9103)
    known, unknown = tmp_path / "known", tmp_path / "unknown"
    assert ids(known, tape, "unknown-initiator") == ids(
        unknown, tape, "unknown-initiator", ports={"storage daemon": 9103}
    )


ODD = "Client {{ Name = {name}; Address = 10.0.0.9; Password = x; Passive = true }}\n"
DIRECTOR_FILE = """
Director { Name = dir; Password = p }
Catalog { Name = cat; DbName = bareos; DbUser = bareos }
"""


def problems(folder: Path, *lines: str) -> list[str]:
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "bareos-dir.conf"
    file.write_text(DIRECTOR_FILE + "".join(lines))
    found = auditor.check(file, resolve=False).findings
    return list(found[found["rule"] == "boolean-deprecated"]["id"])


def test_a_problem_is_the_same_on_another_line_of_another_file(tmp_path: Path) -> None:
    here = problems(tmp_path / "here", ODD.format(name="fd1"))
    there = problems(tmp_path / "far" / "there", "\n\n", ODD.format(name="fd1"))
    assert here == there
    assert len(here) == 1


def test_problems_of_two_resources_are_two(tmp_path: Path) -> None:
    found = problems(tmp_path, ODD.format(name="fd1"), ODD.format(name="fd2"))
    assert len(set(found)) == 2


def test_expectations_are_called_alike_in_every_checkout(tmp_path: Path) -> None:
    shown = [
        list(audit(tmp_path / place, Wire(), strict=False).expectations["id"])
        for place in ("here", "there")
    ]
    assert shown[0] == shown[1]
    assert not any(str(tmp_path) in one for one in shown[0])


CONFIGURATIONS = sorted(path for path in CAPTURES.rglob("config") if path.is_dir())


@pytest.mark.parametrize(
    "config", CONFIGURATIONS, ids=lambda path: str(path.parent.relative_to(CAPTURES))
)
def test_it_does_not_depend_on_the_order_in_which_resources_are_read(
    config: Path, tmp_path: Path
) -> None:
    other = tmp_path / "config"
    copytree(config, other)
    files = [path for path in other.rglob("*.conf") if ".d/" in str(path.relative_to(other))]
    for at, path in enumerate(sorted(files, reverse=True)):
        path.rename(path.with_name(f"{at:03}-{path.name}"))
    one, two = (
        auditor.check(path, resolve=False, idle_limit="60m").findings for path in (config, other)
    )
    assert sorted(one["id"]) == sorted(two["id"])
