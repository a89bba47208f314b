"""The operating mode of each client."""

from __future__ import annotations

from typing import Any

import pytest
from audits import FLOW, made, recorded

from auditor.report.told.modes import ClientMode, client_modes
from auditor.report.told.view import View


def row(number: str, client: str, permission: str = "allowed", director: str = "dir") -> Any:
    daemon, other = (
        f"file daemon {client}",
        "director dir" if number in "34" else "storage daemon s",
    )
    ends = (daemon, other) if number in ("4", "6") else (other, daemon)
    return {
        "id": f"{number}:{ends}{director}",
        "connection": number,
        "initiator": ends[0],
        "acceptor": ends[1],
        "permission": permission,
        "director": director,
    }


def modes(rows: list[Any], flows: list[Any] | None = None) -> list[ClientMode]:
    return client_modes(View(made(expectations=rows, flows=flows or [])))


@pytest.mark.parametrize(
    ("allowed", "mode"),
    [
        ("36", "default"),
        ("37", "passive"),
        ("46", "client-initiated"),
        ("47", "client-initiated, passive"),
        ("346", "either side dials"),
        ("367", "active and passive"),
        ("3", "no data"),
        ("6", "no control"),
    ],
)
def test_the_mode_is_what_may_be_dialled(allowed: str, mode: str) -> None:
    rows = [row(n, "f", "allowed" if n in allowed else "forbidden") for n in ("3", "4", "6", "7")]
    (one,) = modes(rows)
    assert (one.client, one.director, one.mode) == ("file daemon f", "dir", mode)
    assert one.forbidden == {"3", "4", "6", "7"} - set(allowed)


def test_what_was_seen_stands_beside_it_and_what_is_not_allowed_is_odd() -> None:
    rows = [row("3", "f"), row("6", "f"), row("7", "f", "forbidden")]
    seen = [
        {**FLOW, "id": "f1", "connection": "6", "expectation": rows[1]["id"]},
        {**FLOW, "id": "f2", "connection": "6", "expectation": rows[1]["id"]},
        {**FLOW, "id": "f3", "connection": "7", "acceptor_daemon": "file daemon f"},
        {**FLOW, "id": "f4", "connection": "12"},
    ]
    (one,) = modes(rows, seen)
    assert (one.seen, one.odd) == ({"6": 2, "7": 1}, ["7"])


def test_each_director_has_its_own_view_of_a_client() -> None:
    rows = [row("3", "f"), row("4", "f", "required", "other")]
    flow = {**FLOW, "connection": "4", "expectation": rows[1]["id"]}
    first, second = modes(rows, [flow])
    assert (first.director, first.seen) == ("dir", {})
    assert (second.director, second.mode, second.seen) == (
        "other",
        "client-initiated, no data",
        {"4": 1},
    )


def test_without_a_configuration_there_is_no_mode() -> None:
    assert modes([], [FLOW]) == []


def test_the_recording_with_every_mode_has_nothing_odd() -> None:
    found = client_modes(View(recorded("modes")))
    assert [(one.client, one.mode, one.odd) for one in found] == [
        ("file daemon fd1", "default", []),
        ("file daemon fd2", "passive", []),
        ("file daemon fd3", "client-initiated", []),
    ]
