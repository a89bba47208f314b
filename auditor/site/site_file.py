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
    same_network:                # VLANs or tunnels in which an address is one host
      - [VLAN 10, VLAN 20]       # called as reports call them (networks of FLOWS)
    waivers:                     # findings that are known and accepted, until a day
      - {rule: cleartext-connection, daemon: fd9, until: 2027-03-31, reason: "old printer server"}
      - {finding: login-refused-0a08056218, until: 2027-01-31, reason: "fd7 is being moved"}
      - {network: 10.9.0.0/24, connection: 10, until: 2027-06-30, reason: "monitors in the lab"}

Every key, and a schema for editors, is in ``docs/site-file.md``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from auditor.errors import IdleLimitError
from auditor.site.idle_limits import IdleLimits, read_idle_limits
from auditor.site.same_network import SameNetwork, read_same_network
from auditor.site.shapes import Shapes, shown
from auditor.site.waivers import Waiver, read_waivers

#: The words that a daemon's key begins with.
ROLES = ("director", "file daemon", "storage daemon", "console", "tray monitor", "catalog")

_KEYS = {"hosts", "daemons", "keepalive", "idle_limit", "same_network", "waivers"}

#: As much as the kernel takes for a socket (bareos.md §6.1).
MAX_TIMER_S = 32767


class Keepalive(NamedTuple):
    """The operating system's keepalive timers where Bareos sets none (bareos.md §6.1)."""

    idle: int = 7200
    """Seconds of silence before the first probe."""
    interval: int = 75
    """Seconds between probes that nobody answers."""


@dataclass(frozen=True, slots=True)
class SiteFile:
    """What the site file says; empty where none was given."""

    hosts: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """Addresses by host name, in lower case."""
    daemons: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """Further addresses by ``role name``, such as ``file daemon fd3``."""
    keepalive: Keepalive = Keepalive()
    idle_limits: IdleLimits = IdleLimits()
    same_network: SameNetwork = ()
    """Which VLANs and tunnels that may have the same addresses are one network."""
    waivers: tuple[Waiver, ...] = ()
    path: str = ""
    """Where it was read; empty: there is none."""


def read_site_file(path: str | Path) -> SiteFile:
    """Return the site file's content; raise SiteFileError, with the line, where it is wrong."""
    shapes = Shapes(Path(path))
    data = shapes.mapping(shapes.content, "the file", (), _KEYS)
    return SiteFile(
        hosts=_hosts(shapes, data.get("hosts")),
        daemons=_daemons(shapes, data.get("daemons")),
        keepalive=_keepalive(shapes, data.get("keepalive")),
        idle_limits=_idle_limits(shapes, data.get("idle_limit")),
        same_network=read_same_network(shapes, data.get("same_network"), ("same_network",)),
        waivers=read_waivers(shapes, data.get("waivers"), ("waivers",)),
        path=str(path),
    )


def _hosts(shapes: Shapes, value: Any) -> dict[str, frozenset[str]]:
    found = {}
    for name, addresses in shapes.mapping(value, "hosts", ("hosts",)).items():
        place = ("hosts", name)
        key = shapes.text(name, "a host name", place).lower().rstrip(".")
        found[key] = shapes.addresses(addresses, name, place)
    return found


def _daemons(shapes: Shapes, value: Any) -> dict[str, frozenset[str]]:
    found = {}
    for name, entry in shapes.mapping(value, "daemons", ("daemons",)).items():
        place = ("daemons", name)
        key = " ".join(shapes.text(name, "a daemon's key", place).split())
        if not any(key.startswith(f"{role} ") for role in ROLES):
            message = f"{shown(key)} must begin with one of {', '.join(ROLES)}, then a name"
            raise shapes.wrong(message, place)
        given = shapes.mapping(entry, key, place, {"addresses"})
        found[key] = shapes.addresses(given.get("addresses"), key, (*place, "addresses"))
    return found


def _keepalive(shapes: Shapes, value: Any) -> Keepalive:
    timers = shapes.mapping(value, "keepalive", ("keepalive",), {"idle", "interval"})
    for key, number in timers.items():
        if type(number) is not int or not 0 < number <= MAX_TIMER_S:
            message = f"{key} of keepalive must be 1 to {MAX_TIMER_S} whole seconds"
            raise shapes.wrong(message, ("keepalive", key))
    return Keepalive(**timers)


def _idle_limits(shapes: Shapes, value: Any) -> IdleLimits:
    try:
        return read_idle_limits(value)
    except IdleLimitError as error:
        place: tuple[Any, ...] = ("idle_limit",)
        if isinstance(value, Mapping):
            place = (*place, *(key for key, item in value.items() if _is_wrong(key, item)))[:2]
        raise shapes.wrong(str(error), place) from None


def _is_wrong(key: Any, item: Any) -> bool:
    try:
        read_idle_limits({key: item})
    except IdleLimitError:
        return True
    return False
