"""The site file: what no Bareos file can say (addresses behind NAT, host names, kernel timers).

::

    hosts:                       # names that the resolver does not know, or knows differently
      backup1.example.com: [192.0.2.10, 2001:db8::10]
    daemons:                     # further addresses of a daemon, by role and name
      director bareos-dir: {addresses: [198.51.100.7]}
      file daemon fd3: {addresses: [203.0.113.9]}
      console admin: {addresses: [192.0.2.40]}
    keepalive: {idle: 7200, interval: 75}      # sysctl values where they are not Linux' own
    idle_limit:                  # after how long the way forgets a silent connection; or only 60m
      all: 60m
      4: aws-nat-gateway         # a connection number; names: bareos-audit rules --idle-limits
      10.1.0.0/16 10.1.0.0/16: never           # between two networks
    waivers:                     # findings that are known and accepted, until a day
      - {rule: cleartext-connection, daemon: fd9, until: 2027-03-31, reason: "old printer server"}
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from auditor.errors import IdleLimitError, RuleError, SiteFileError
from auditor.site.idle_limits import IdleLimits, read_idle_limits
from auditor.site.resolver import canonical
from auditor.text.yamlfile import load_yaml

#: The words that a daemon's key begins with.
_ROLES = ("director", "file daemon", "storage daemon", "console", "tray monitor", "catalog")

_KEYS = {"hosts", "daemons", "keepalive", "idle_limit", "waivers"}

#: As much as the kernel takes for a socket (bareos.md §6.1).
_MAX_TIMER_S = 32767


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
        """Tell whether this waiver is for a finding of that rule on one of those daemons."""
        return (
            rule == self.rule
            and today <= self.until
            and (not self.daemon or self.daemon in daemons)
        )


@dataclass(frozen=True, slots=True)
class SiteFile:
    """What the site file says; empty where none was given."""

    hosts: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """Addresses by host name, in lower case."""
    daemons: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """Further addresses by ``role name``, such as ``file daemon fd3``."""
    keepalive: Keepalive = Keepalive()
    idle_limits: IdleLimits = IdleLimits()
    waivers: tuple[Waiver, ...] = ()
    path: str = ""
    """Where it was read; empty: there is none."""


def read_site_file(path: str | Path) -> SiteFile:
    """Return the site file's content; raise SiteFileError where it is wrong."""
    try:
        content = load_yaml(Path(path))
    except RuleError as error:
        raise SiteFileError(error.message, error.file, error.line) from None
    reader = _Reader(str(path))
    data = reader.mapping(content, "the file", _KEYS)
    return SiteFile(
        hosts={
            reader.text(name, "a host name").lower().rstrip("."): reader.addresses(value, name)
            for name, value in reader.mapping(data.get("hosts"), "hosts").items()
        },
        daemons=dict(
            reader.daemon(name, value)
            for name, value in reader.mapping(data.get("daemons"), "daemons").items()
        ),
        keepalive=reader.keepalive(data.get("keepalive")),
        idle_limits=reader.idle_limits(data.get("idle_limit")),
        waivers=tuple(reader.waiver(item) for item in reader.items(data.get("waivers"), "waivers")),
        path=str(path),
    )


def _shown(value: Any) -> str:
    return repr(value[:80]) if isinstance(value, str) else f"a {type(value).__name__}"


class _Reader:
    """Checks the shapes of one site file, naming it in every error."""

    def __init__(self, file: str) -> None:
        self._file = file

    def wrong(self, message: str) -> SiteFileError:
        return SiteFileError(message, self._file)

    def mapping(self, value: Any, what: str, keys: set[str] | None = None) -> Mapping[Any, Any]:
        """Return a mapping, empty where nothing is written; ``keys`` are all that it may hold."""
        found = {} if value is None else value
        if not isinstance(found, Mapping):
            raise self.wrong(f"{what} must be a mapping of names to values")
        what = what[:80]
        for key in found:
            if keys is not None and key not in keys:
                raise self.wrong(f"{_shown(key)} in {what} is not one of {', '.join(sorted(keys))}")
        return found

    def items(self, value: Any, what: str) -> list[Any]:
        found = [] if value is None else value
        if not isinstance(found, list):
            raise self.wrong(f"{what} must be a list")
        return found

    def text(self, value: Any, what: str) -> str:
        if not isinstance(value, str) or not value.strip():
            raise self.wrong(f"{what} must be text")
        return value

    def addresses(self, value: Any, key: Any) -> frozenset[str]:
        found, what = set[str](), str(key)[:80]
        for item in [value] if isinstance(value, str) else self.items(value, what):
            address = canonical(item) if isinstance(item, str) else None
            if address is None:
                raise self.wrong(f"{_shown(item)} of {what} is not an IP address")
            found.add(address)
        if not found:
            raise self.wrong(f"{what} has no address")
        return frozenset(found)

    def daemon(self, name: Any, value: Any) -> tuple[str, frozenset[str]]:
        key = " ".join(self.text(name, "a daemon's key").split())
        if not any(key.startswith(f"{role} ") for role in _ROLES):
            raise self.wrong(
                f"{_shown(key)} must begin with one of {', '.join(_ROLES)}, then a name"
            )
        return key, self.addresses(self.mapping(value, key, {"addresses"}).get("addresses"), key)

    def keepalive(self, value: Any) -> Keepalive:
        timers = self.mapping(value, "keepalive", {"idle", "interval"})
        for key, number in timers.items():
            if type(number) is not int or not 0 < number <= _MAX_TIMER_S:
                raise self.wrong(f"{key} of keepalive must be 1 to {_MAX_TIMER_S} whole seconds")
        return Keepalive(**timers)

    def idle_limits(self, value: Any) -> IdleLimits:
        try:
            return read_idle_limits(value)
        except IdleLimitError as error:
            raise self.wrong(str(error)) from None

    def waiver(self, item: Any) -> Waiver:
        entry = self.mapping(item, "a waiver", {"rule", "daemon", "until", "reason"})
        if type(entry.get("until")) is not dt.date:
            raise self.wrong("a waiver needs until, the last day it holds, such as 2027-03-31")
        return Waiver(
            rule=self.text(entry.get("rule"), "rule of a waiver"),
            daemon=self.text(entry["daemon"], "daemon of a waiver") if "daemon" in entry else "",
            until=entry["until"],
            reason=self.text(entry.get("reason"), "reason of a waiver"),
        )
