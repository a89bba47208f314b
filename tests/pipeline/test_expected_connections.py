"""What a configuration calls for, and what could not be read of it."""

from __future__ import annotations

from pathlib import Path

from scene import edited, network, planted

from auditor.pipeline.expected_connections import expected_connections, problems
from auditor.pipeline.network import Network, load_network


def loaded(folder: Path, **changes: str | None) -> Network:
    return load_network(config=planted(folder / "config", network(**changes)), resolve=False)


def test_no_connection_was_seen_of_those_that_are_called_for(tmp_path: Path) -> None:
    table = expected_connections(loaded(tmp_path))
    assert {"1", "2", "3", "4", "5a", "6", "7", "8", "9", "12"} <= set(table.values("connection"))
    assert not any(table.values("exercised"))


def test_without_a_configuration_nothing_is_called_for() -> None:
    nothing = load_network(resolve=False)
    assert len(expected_connections(nothing)) == 0
    assert problems(nothing) == []


def test_what_the_programs_take_worst_comes_first(tmp_path: Path) -> None:
    changed = edited("fd1", "Heartbeat Interval = 30", "Heartbeat Interval = 30; Working = /x")
    told = problems(loaded(tmp_path, fd1=changed, fd2=edited("fd2", "30", "40000")))
    (unknown,) = (number for number, one in enumerate(told) if "Working" in one)
    (long,) = (number for number, one in enumerate(told) if "40000" in one)
    assert unknown < long
