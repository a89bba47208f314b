"""What a daemon listens on: a problem names the places that dial it, and stays a sentence."""

from __future__ import annotations

from pathlib import Path

import pytest
from scene import FD1, FD2, FD3, SD1, edited
from site_of import at, site_of

from auditor.config.problem_kinds import ProblemKind

KINDS = {
    "Address = 127.0.0.1": ProblemKind.LISTENS_ON_LOOPBACK,
    "Port = 9999": ProblemKind.PORT_NOT_LISTENED,
}


@pytest.mark.parametrize("line", KINDS)
def test_of_many_places_the_first_is_told_and_the_others_are_counted(
    line: str, tmp_path: Path
) -> None:
    changed = edited("dir", "Director { Name = dir", f"Director {{ {line}; Name = dir")
    problems = site_of(tmp_path, dir=changed).problems
    (found,) = [one for one in problems if one.kind is KINDS[line]]
    assert [at(place)[:3] for place in found.others] == ["con", "fd3", "tra"]
    assert f" is dialled ({found.others[0]} and 2 other places)" in found.message


def test_one_place_is_told_alone(tmp_path: Path) -> None:
    text = edited("fd1", "Client { Name = fd1", "Client { Port = 9112; Name = fd1")
    problems = site_of(tmp_path, fd1=text, tray=None).problems
    (found,) = [one for one in problems if one.kind is ProblemKind.PORT_NOT_LISTENED]
    assert found.message.endswith(f" but 9102 is dialled ({found.others[0]})")


NAMED = "Storage { Name = sd1; Address = srv.example.net"


@pytest.mark.parametrize(
    ("clients", "found"),
    [
        ({}, [ProblemKind.LISTENS_ON_LOOPBACK]),
        # All on one machine, which may call itself by the name.
        (dict.fromkeys((FD1, FD2, FD3), FD1), []),
        (dict.fromkeys((FD1, FD2, FD3), "localhost"), []),
        # A name and an address may be one machine.
        ({FD1: "srv.example.net", FD2: FD3}, []),
        ({FD1: "a.example.net", FD2: "b.example.net"}, [ProblemKind.LISTENS_ON_LOOPBACK]),
    ],
    ids=["three hosts", "one address", "localhost", "name and address", "two names"],
)
def test_a_loopback_listener_is_missed_by_whatever_name_two_hosts_dial_it(
    clients: dict[str, str], found: list[ProblemKind], tmp_path: Path
) -> None:
    director = edited("dir", f"Storage {{ Name = sd1; Address = {SD1}", NAMED)
    director = director.replace("; Passive = yes", "")
    for address, other in clients.items():
        director = director.replace(f"Address = {address};", f"Address = {other};")
    storage = edited("sd1", "Storage { Name = sd1", "Storage { Address = 127.0.0.1; Name = sd1")
    problems = site_of(tmp_path, dir=director, sd1=storage, tray=None).problems
    assert [p.kind for p in problems if p.kind is ProblemKind.LISTENS_ON_LOOPBACK] == found
