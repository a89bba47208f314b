"""The site file: what no Bareos file can say (addresses behind NAT, host names, kernel timers).

::

    hosts:                       # names that the resolver does not know, or knows differently
      backup1.example.com: [192.0.2.10, 2001:db8::10]
    daemons:                     # further addresses of a daemon, by role and name
      director bareos-dir: {addresses: [198.51.100.7]}
      file daemon fd3: {addresses: [203.0.113.9]}
      console admin: {addresses: [192.0.2.40]}
    keepalive: {idle: 7200, interval: 75}      # sysctl values where they are not Linux' own
    waivers:                     # findings that are known and accepted, until a day
      - {rule: cleartext-connection, daemon: fd9, until: 2027-03-31, reason: "old printer server"}
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from auditor.config.site.names import canonical
from auditor.errors import RuleError, SiteFileError
from auditor.rulebook import load_yaml

_KEYS = frozenset({"hosts", "daemons", "keepalive", "waivers"})


@dataclass(frozen=True, slots=True)
class Keepalive:
    """The operating system's keepalive timers where Bareos sets none (bareos.md §6.1)."""

    idle: int = 7200
    """Seconds of silence before the first probe."""
    interval: int = 75
    """Seconds between probes that nobody answers."""


@dataclass(frozen=True, slots=True)
class Waiver:
    """A finding that someone has accepted, for a reason and until a day."""

    rule: str
    daemon: str
    """Name of a daemon on either end of the flow or expectation; empty: any."""
    until: dt.date
    reason: str

    def covers(self, rule: str, daemons: tuple[str, ...], today: dt.date) -> bool:
        """Tell whether this waiver speaks of a finding of that rule between those daemons."""
        return (
            rule == self.rule
            and today <= self.until
            and (not self.daemon or self.daemon in daemons)
        )


@dataclass(frozen=True, slots=True)
class SiteFile:
    """What the site file says; empty where none was given."""

    hosts: Mapping[str, frozenset[str]] = field(default_factory=dict)
    daemons: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """Further addresses by ``role name``, such as ``file daemon fd3``."""
    keepalive: Keepalive = Keepalive()
    waivers: tuple[Waiver, ...] = ()


def read_site_file(path: str | Path) -> SiteFile:
    """Return the site file's content; raise SiteFileError where it is wrong."""
    try:
        data = load_yaml(Path(path))
    except RuleError as error:
        raise SiteFileError(error.message, error.file, error.line) from None
    reader = _Reader(str(path))
    data = reader.mapping(data or {}, "the file")
    for key in data:
        if key not in _KEYS:
            raise reader.wrong(f"{key!r} is not one of {', '.join(sorted(_KEYS))}")
    return SiteFile(
        hosts={
            str(name).lower().rstrip("."): reader.addresses(value, str(name))
            for name, value in reader.mapping(data.get("hosts", {}), "hosts").items()
        },
        daemons={
            " ".join(str(name).split()): reader.addresses(
                reader.mapping(value, str(name)).get("addresses", []), str(name)
            )
            for name, value in reader.mapping(data.get("daemons", {}), "daemons").items()
        },
        keepalive=reader.keepalive(data.get("keepalive", {})),
        waivers=tuple(reader.waiver(item) for item in data.get("waivers") or ()),
    )


class _Reader:
    """Checks the shapes of one site file, naming it in every error."""

    def __init__(self, file: str) -> None:
        self._file = file

    def wrong(self, message: str) -> SiteFileError:
        return SiteFileError(message, self._file)

    def mapping(self, value: Any, what: str) -> Mapping[Any, Any]:
        if not isinstance(value, Mapping):
            raise self.wrong(f"{what} must be a mapping of names to values")
        return value

    def addresses(self, value: Any, what: str) -> frozenset[str]:
        items = [value] if isinstance(value, str) else value
        if not isinstance(items, list):
            raise self.wrong(f"{what} must be an address or a list of addresses")
        found = set()
        for item in items:
            address = canonical(str(item))
            if address is None:
                raise self.wrong(f"{item!r} of {what} is not an IP address")
            found.add(address)
        return frozenset(found)

    def keepalive(self, value: Any) -> Keepalive:
        timers = dict(self.mapping(value or {}, "keepalive"))
        for key, number in timers.items():
            if key not in {"idle", "interval"} or not isinstance(number, int) or number < 1:
                raise self.wrong("keepalive takes idle and interval, each whole seconds above 0")
        return Keepalive(**timers)

    def waiver(self, item: Any) -> Waiver:
        entry = self.mapping(item, "each waiver")
        until = entry.get("until")
        if not isinstance(until, dt.date) or not entry.get("rule") or not entry.get("reason"):
            raise self.wrong("a waiver needs rule, reason and until (a date such as 2027-03-31)")
        return Waiver(
            rule=str(entry["rule"]),
            daemon=str(entry.get("daemon", "")),
            until=until,
            reason=str(entry["reason"]),
        )
