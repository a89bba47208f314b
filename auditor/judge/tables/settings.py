"""SETTINGS: one row a place that sets, or would set, the heartbeat of connections; its columns and
what fills them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from auditor.judge.heartbeat.first_probe import first_probe, surviving_interval
from auditor.judge.tables.column import Column, place
from auditor.site.connections import connections
from auditor.site.heartbeat import Heartbeat
from auditor.site.idle_limits import IdleLimit, IdleLimits
from auditor.site.model import Expectation, Permission, Site
from auditor.site.resolver import is_loopback
from auditor.site.setting import Setting
from auditor.text.times import length

SETTINGS: Mapping[str, Column] = {
    "connections": Column("list", "numbers of the connections that go by it"),
    "initiator": Column("str", "who dials them"),
    "known": Column("bool", "the resource that sets it is at hand"),
    "heartbeat_s": Column("Int64", "effective HeartbeatInterval; 0: system timers; NA: not known"),
    "state": Column("str", "what is set, and when the first probe comes because of it"),
    "first_probe_s": Column("Float64", "silence before the first probe, at the latest"),
    "limited": Column("bool", "an idle limit was given for the way of one of the connections"),
    "limit_s": Column("Float64", "the shortest of these limits; NA: none, or never"),
    "limit": Column("str", "the same in words, with the middlebox that has it"),
    "resource": Column("str", "the resource to change, such as 'Client fd1'; empty: not known"),
    "source": Column("str", "file:line of the directive, or of the resource that lacks it"),
    "remedy": Column("str", "what to write where"),
    "used": Column("bool", "a flow of the captures was one of these connections"),
}
#: The columns of SETTINGS that only captures can fill.
SEEN = frozenset({"used"})

#: Initiators that are named; the others are counted.
_MOST = 3
_TRAY, _CATALOG = frozenset({"9", "10", "11"}), "12"


@dataclass(slots=True)
class _Group:
    """Connections that one line would change."""

    heartbeat: Heartbeat
    rows: list[Expectation] = field(default_factory=list)
    limits: list[IdleLimit | None] = field(default_factory=list)


def setting_rows(
    site: Site, limits: IdleLimits, exercised: Collection[str] = ()
) -> Iterator[dict[str, Any]]:
    """Yield the rows of SETTINGS of a site; ``exercised`` are the ids of the expectations that
    flows were matched with.

    What the configuration forbids, and what stays on one host, is left out.
    """
    for group in _groups(site.expectations, limits):
        yield _row(group, site.site_file.keepalive.idle, exercised)


def _groups(rows: Iterable[Expectation], limits: IdleLimits) -> Iterable[_Group]:
    groups: dict[object, _Group] = {}
    ways: dict[object, IdleLimit | None] = {}
    for row in rows:
        if row.permission is Permission.FORBIDDEN or _stays(row):
            continue
        heartbeat = row.heartbeat
        key: object = (heartbeat.seconds, heartbeat.speaks, heartbeat.setting or row.initiator)
        if heartbeat.seconds is None:
            key = heartbeat.reason
        group = groups.setdefault(key, _Group(heartbeat))
        group.rows.append(row)
        acceptor = row.addresses or row.acceptor.addresses
        way = (row.connection, row.initiator.addresses, acceptor)
        if way not in ways:
            ways[way] = limits.of(*way)
        group.limits.append(ways[way])
    return groups.values()


def _stays(row: Expectation) -> bool:
    """Tell whether a connection surely stays on its host, where nothing forgets it."""
    addresses = row.addresses
    if addresses and all(map(is_loopback, addresses)):
        return True
    return bool(addresses) and addresses <= row.initiator.addresses


def _row(group: _Group, idle: int, exercised: Collection[str]) -> dict[str, Any]:
    heartbeat = group.heartbeat
    first = first_probe(heartbeat, idle)
    given = [limit for limit in group.limits if limit is not None]
    ends = [limit for limit in given if limit.seconds is not None]
    shortest = min(ends, key=lambda limit: limit.seconds or 0, default=None)
    seconds = shortest.seconds if shortest is not None else None
    concerned = _concerned(group, first)
    initiators = list(dict.fromkeys(str(row.initiator) for row in concerned))
    return {
        "connections": _numbers(concerned),
        "initiator": _named(initiators),
        "known": first is not None,
        "heartbeat_s": heartbeat.seconds,
        "state": _state(heartbeat, first),
        "first_probe_s": first,
        "limited": bool(given),
        "limit_s": seconds,
        "limit": str(shortest) if shortest is not None else "never" if given else "",
        "resource": heartbeat.setting.resource if heartbeat.setting is not None else "",
        "source": place(heartbeat.setting.source if heartbeat.setting is not None else None),
        "remedy": _remedy(concerned[0], surviving_interval(seconds)),
        "used": any(row.id in exercised for row in group.rows),
    }


def _concerned(group: _Group, first: float | None) -> list[Expectation]:
    """The connections whose way forgets them before they speak; all, where there are none."""
    cut = [
        row
        for row, limit in zip(group.rows, group.limits, strict=True)
        if first is not None and limit is not None and first > (limit.seconds or float("inf"))
    ]
    return cut or group.rows


def _numbers(rows: Iterable[Expectation]) -> list[str]:
    found = {row.connection for row in rows}
    return [number for number in connections() if number in found]


def _named(initiators: list[str]) -> str:
    shown = ", ".join(initiators[:_MOST])
    return shown if len(initiators) <= _MOST else f"{shown} and {len(initiators) - _MOST} more"


def _state(heartbeat: Heartbeat, first: float | None) -> str:
    if first is None:
        return heartbeat.reason
    if heartbeat.speaks == first:
        return f"{heartbeat.reason}, and it speaks every {length(first)}"
    set_to = f"HeartbeatInterval is {heartbeat.seconds} s"
    shown = set_to if heartbeat.seconds else heartbeat.reason
    return f"{shown}, so the first probe comes after up to {length(first)}"


def _remedy(row: Expectation, seconds: int) -> str:
    """Return what to write where (bareos.md §9.7)."""
    setting = row.heartbeat.setting
    sysctl = f"set the sysctl net.ipv4.tcp_keepalive_time = {seconds} on the host of"
    if row.connection in _TRAY:
        own = f"No directive sets a timer here: {sysctl} {row.initiator}"
        return f"{own}, or {_write(setting, 'RefreshInterval', seconds)}." if setting else f"{own}."
    if setting is None:
        return ""
    if row.connection == _CATALOG:
        text = setting.text if "=" in setting.text else f"dbname={setting.text or 'bareos'}"
        value = f'"{text} keepalives_idle={seconds}"'
        written = _write(setting, "DbName", value)
        return f"{_sentence(written)}, or {sysctl} {row.initiator}."
    written = _sentence(_write(setting, "HeartbeatInterval", seconds))
    restart = "" if row.connection in {"1", "2"} else f", then restart {row.initiator}"
    return f"{written}{restart}."


def _write(setting: Setting, directive: str, value: object) -> str:
    line = f"{directive} = {value}"
    if setting.written:
        return f"write {line} at {setting.source} ({setting.resource})"
    return f"write {line} into {setting.resource} ({setting.source})"


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]
