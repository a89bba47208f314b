"""What the present heartbeats survive, in two sentences for the first screen of a report."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from auditor.site.connections import connections
from auditor.text.times import length

#: What many firewalls forget connections after (bareos.md §7).
_MANY = 3600
#: Times that are told; of more only the slowest.
_MOST = 2
#: The tray monitor speaks by itself (bareos.md §1.8).
_SPEAKING = frozenset({"9", "10", "11"})


def survival(settings: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """Yield what rows of SETTINGS come to where no idle limit was given: which numbers have no
    heartbeat, and when the others first probe."""
    rows = [row for row in settings if row["known"] and not row["limited"]]
    silent = _by_number(row for row in rows if not row["heartbeat_s"])
    beating = _by_number(row for row in rows if row["heartbeat_s"])
    if silent:
        yield _without(silent, beating)
    if beating:
        yield _with(beating)


def _by_number(rows: Iterable[Mapping[str, Any]]) -> dict[str, list[Mapping[str, Any]]]:
    found: dict[str, list[Mapping[str, Any]]] = {}
    for row in rows:
        for number in row["connections"]:
            if number not in _SPEAKING:
                found.setdefault(number, []).append(row)
    return {number: found[number] for number in connections() if number in found}


def _without(
    silent: Mapping[str, Sequence[Mapping[str, Any]]],
    beating: Mapping[str, Sequence[Mapping[str, Any]]],
) -> str:
    every = [number for number in silent if number not in beating]
    shown = every + [f"some of {number}" for number in silent if number in beating]
    first = min(row["first_probe_s"] for rows in silent.values() for row in rows)
    verb = "has" if len(shown) == 1 and every else "have"
    many = f" (many do after {length(_MANY)})" if first > _MANY else ""
    return (
        f"{_and(shown)} {verb} no heartbeat: a firewall that forgets idle connections earlier than "
        f"{length(first)} cuts them{many}. `--idle-limit` judges it."
    )


def _with(beating: Mapping[str, Sequence[Mapping[str, Any]]]) -> str:
    times: dict[float, list[str]] = {}
    for number, rows in beating.items():
        times.setdefault(max(row["first_probe_s"] for row in rows), []).append(number)
    slowest = sorted(times.items(), reverse=True)
    if len(slowest) > _MOST:
        slowest = [(slowest[0][0], list(beating))]
    shown = []
    for seconds, numbers in slowest:
        verb = "probe" if len(numbers) > 1 else "probes"
        shown.append(f"{_and(numbers)} first {verb} after at most {length(seconds)}")
    return "; ".join(shown) + "."


def _and(items: Sequence[str]) -> str:
    return " and ".join(filter(None, (", ".join(items[:-1]), items[-1])))
