"""What the present heartbeats survive, in two sentences."""

from __future__ import annotations

from typing import Any

import pytest

from auditor.judge.heartbeat.survival import survival


def row(numbers: str, seconds: int | None, first: float | None, **more: Any) -> dict[str, Any]:
    return {
        "connections": numbers.split(),
        "known": seconds is not None,
        "heartbeat_s": seconds,
        "first_probe_s": first,
        "limited": False,
        **more,
    }


SILENT = (
    "have no heartbeat: a firewall that forgets idle connections earlier than 2 h 15 min cuts them "
    "(many do after 1 h). `--idle-limit` judges it."
)


def test_numbers_without_a_heartbeat_and_those_with_one_are_told_apart() -> None:
    rows = [row("4 6", 0, 8100), row("7", 0, 8100), row("3 5a", 60, 67.5), row("2", 10, 11.25)]
    assert list(survival(rows)) == [
        f"connections 4, 6 and 7 {SILENT}",
        "connections 3 and 5a send their first probe after at most 67.5 s of silence; connection 2 "
        "sends its first probe after at most 11.2 s of silence.",
    ]


def test_where_only_some_of_a_number_have_one_that_is_said() -> None:
    rows = [row("4 6", 0, 8100), row("6", 30, 33.75), row("6", 60, 67.5)]
    assert list(survival(rows)) == [
        f"connections 4 and some of 6 {SILENT}",
        "connection 6 sends its first probe after at most 67.5 s of silence.",
    ]


def test_where_every_number_has_both_it_is_some_of_them() -> None:
    first, _ = survival([row("6", 0, 8100), row("6", 60, 67.5)])
    assert first.startswith("some of the connections 6 have no heartbeat: a firewall")


def test_of_many_times_the_slowest_is_told() -> None:
    rows = [row(str(n), n, 1.125 * n) for n in (1, 2, 3)]
    assert list(survival(rows)) == [
        "connections 1, 2 and 3 send their first probe after at most 3.4 s of silence."
    ]


def test_a_short_timer_of_the_system_is_not_said_to_be_cut_by_many() -> None:
    (sentence,) = survival([row("8", 0, 675)])
    assert sentence.startswith("connection 8 has no heartbeat: a firewall")
    assert "11 min 15 s cuts them. `" in sentence


def limited(numbers: str, seconds: int | None, first: float | None, **more: Any) -> dict[str, Any]:
    cells = {"limited": True, "limit_s": 3600.0, "state": "no configuration of fd is at hand"}
    return row(numbers, seconds, first, **{**cells, **more})


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (
            [limited("3 5a", 60, 67.5)],
            "connections 3 and 5a speak in time for the idle limit: after 67.5 s of",
        ),
        (
            [limited("8", 0, 8100, limit_s=None)],
            "connection 8 speaks in time for the idle limit: after 2 h 15",
        ),
        (
            [limited("6", 60, 67.5), limited("6", 0, 8100)],
            "some of the connections 6 speak in time for the idle limit: after 67.5 s of "
            "silence at most.",
        ),
        (
            [limited("4 6", None, None)],
            "The idle limit cannot judge connections 4 and 6, whose heartbeat is not known: no "
            "configuration of fd is at hand.",
        ),
        (
            [limited("6", None, None), limited("6", 0, 8100), limited("7", None, None)],
            "The idle limit cannot judge connections 7 and some of 6, whose heartbeat is not "
            "known: no configuration of fd is at hand (and 1 more like this).",
        ),
        ([limited("4", 0, 8100)], ""),
    ],
)
def test_what_a_limit_proves_and_what_it_cannot_judge_is_told(
    rows: list[dict[str, Any]], said: str
) -> None:
    assert " ".join(survival(rows)).startswith(said)
    assert bool(list(survival(rows))) is bool(said)


@pytest.mark.parametrize(
    "one",
    [row("4", None, None), row("9 10 11", 0, 60)],
    ids=["not known", "speaks by itself"],
)
def test_what_is_not_known_or_judged_elsewhere_is_not_told(one: dict[str, Any]) -> None:
    assert list(survival([one])) == []
