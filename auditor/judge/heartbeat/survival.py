"""What the present heartbeats survive, or that they survive the idle limits that were given, in a
few sentences for the first screen of a report."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
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
    """Yield what rows of SETTINGS come to. Where no idle limit was given: which numbers have no
    heartbeat, and when the others first probe. Where one was: what it proves, and what it cannot
    judge."""
    rows = list(settings)
    free = [row for row in rows if row["known"] and not row["limited"]]
    silent = _by_number(row for row in free if not row["heartbeat_s"])
    beating = _by_number(row for row in free if row["heartbeat_s"])
    if silent:
        yield _without(silent, beating)
    if beating:
        yield _with(beating)
    yield from _limited([row for row in rows if row["limited"]])


def _limited(rows: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    proven = [row for row in rows if row["known"] and _in_time(row)]
    if proven:
        slowest = length(max(row["first_probe_s"] for row in proven))
        late = {n for row in rows if row["known"] and not _in_time(row) for n in row["connections"]}
        yield (
            f"{_told(proven, late)} in time for the idle limit: after {slowest} of silence at most."
        )
    unknown = [row for row in rows if not row["known"]]
    if unknown:
        judged = {n for row in rows if row["known"] for n in row["connections"]}
        reason = str(unknown[0]["state"])
        more = f" (and {len(unknown) - 1} more like this)" if len(unknown) > 1 else ""
        yield (
            f"The idle limit cannot judge {_names(unknown, judged)}, whose heartbeat is not known: "
            f"{reason}{more}."
        )


def _in_time(row: Mapping[str, Any]) -> bool:
    return row["limit_s"] is None or row["first_probe_s"] <= row["limit_s"]


def _told(rows: Sequence[Mapping[str, Any]], others: Collection[str]) -> str:
    shown = _names(rows, others)
    return f"{shown} {_verb(shown, 'speaks', 'speak')}"


def _names(rows: Sequence[Mapping[str, Any]], others: Collection[str]) -> str:
    """Return the numbers of rows; of those that ``others`` have too it is only some."""
    return _connections({number for row in rows for number in row["connections"]}, others)


def _connections(found: Collection[str], others: Collection[str] = ()) -> str:
    """Return ``connections 3 and some of 5a``; of those that ``others`` have too only some."""
    listed = [number for number in connections() if number in found]
    every = [number for number in listed if number not in others]
    if not every:
        return f"some of the connections {_and(listed)}"
    shown = every + [f"some of {number}" for number in listed if number in others]
    return f"connection{'s' if len(shown) > 1 else ''} {_and(shown)}"


def _verb(shown: str, one: str, many: str) -> str:
    return one if shown.startswith("connection ") else many


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
    shown = _connections(silent, beating)
    first = min(row["first_probe_s"] for rows in silent.values() for row in rows)
    many = f" (many do after {length(_MANY)})" if first > _MANY else ""
    verb = _verb(shown, "has", "have")
    return (
        f"{shown} {verb} no heartbeat: a firewall that forgets idle connections earlier than "
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
        named = _connections(numbers)
        verb = _verb(named, "sends its", "send their")
        shown.append(f"{named} {verb} first probe after at most {length(seconds)} of silence")
    return "; ".join(shown) + "."


def _and(items: Sequence[str]) -> str:
    return " and ".join(filter(None, (", ".join(items[:-1]), items[-1])))
