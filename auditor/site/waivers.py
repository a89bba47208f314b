"""Waivers: findings that someone has accepted, for a reason and until a day."""

from __future__ import annotations

import datetime as dt
import ipaddress
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from auditor.config.resources import Source
from auditor.site.connections import connections
from auditor.site.idle_limits import Network
from auditor.site.resolver import canonical
from auditor.site.shapes import Shapes, shown

if TYPE_CHECKING:
    from auditor.text.yamlfile import Place

#: What says which findings a waiver is for; a waiver has at least one of them.
SELECTORS = ("rule", "finding", "daemon", "address", "network", "connection")
_KEYS = {*SELECTORS, "until", "reason"}
#: The digits that end the id of a finding, behind the id of its rule (judge.rules.identity).
_DIGITS = re.compile(r"-[0-9a-f]{10}\Z")


class Accused(NamedTuple):
    """What a waiver has to know of a finding."""

    rule: str
    finding: str
    daemons: frozenset[str]
    """Names of the daemons at either end, with and without their role."""
    addresses: frozenset[str]
    """Of either end."""
    connections: frozenset[str]
    """Numbers of the connections that it is about."""


@dataclass(frozen=True, slots=True)
class Waiver:
    """A finding that someone has accepted: everything that is given of it has to fit."""

    rule: str
    daemon: str
    """Name of a daemon on either end; empty: any."""
    until: dt.date
    """The last day on which it holds."""
    reason: str
    finding: str = ""
    """Id of one finding; empty: any."""
    address: str = ""
    """IP address of either end; empty: any."""
    network: Network | None = None
    """The same as a network."""
    connection: str = ""
    """Connection number; empty: any, or none."""
    source: Source | None = field(default=None, compare=False)
    """Where it is written."""

    @property
    def about(self) -> str:
        """The id of the rule that it names, itself or by the id of a finding; empty: none."""
        return self.rule or _DIGITS.sub("", self.finding)

    @property
    def key(self) -> tuple[str, str]:
        """The one of its selectors by which it is found fastest: its name and value; empty: what
        has none is held against every finding."""
        for name in ("finding", "address", "daemon", "connection"):
            if value := getattr(self, name):
                return name, value
        return "", ""

    def covers(self, one: Accused) -> bool:
        """Tell whether it is for a finding, on any day."""
        return (
            self.about in {"", one.rule}
            and self.finding in {"", one.finding}
            and (not self.daemon or self.daemon in one.daemons)
            and (not self.address or self.address in one.addresses)
            and (not self.connection or self.connection in one.connections)
            and (self.network is None or self._holds(one.addresses))
        )

    def _holds(self, addresses: Collection[str]) -> bool:
        network = self.network
        return network is not None and any(
            ipaddress.ip_address(one) in network for one in addresses if canonical(one)
        )

    def __str__(self) -> str:
        """Return what it is for, as its selectors are written."""
        return ", ".join(f"{name} {value}" for name, value in self._given())

    def _given(self) -> Iterator[tuple[str, Any]]:
        for name in SELECTORS:
            if value := getattr(self, name):
                yield name, value


def read_waivers(shapes: Shapes, value: Any, place: Place) -> tuple[Waiver, ...]:
    """Return the waivers that a list holds. Raises SiteFileError."""
    listed = shapes.items(value, "waivers", place)
    return tuple(_waiver(shapes, item, (*place, number)) for number, item in enumerate(listed))


def _waiver(shapes: Shapes, item: Any, place: Place) -> Waiver:
    entry = shapes.mapping(item, "a waiver", place, _KEYS)
    if type(entry.get("until")) is not dt.date:
        message = "a waiver needs until, the last day it holds, such as 2027-03-31"
        raise shapes.wrong(message, (*place, "until"))
    given = {
        name: _selector(shapes, name, entry[name], place) for name in SELECTORS if name in entry
    }
    if not given:
        raise shapes.wrong(f"a waiver needs one of {', '.join(SELECTORS)}", place)
    return Waiver(
        until=entry["until"],
        reason=shapes.text(entry.get("reason"), "reason of a waiver", (*place, "reason")),
        source=shapes.source(place),
        **{"rule": "", "daemon": "", **given},
    )


def _selector(shapes: Shapes, name: str, value: Any, place: Place) -> Any:
    """Return one selector's value. Raises SiteFileError."""
    where = (*place, name)
    if name == "connection":
        if str(value) not in connections():
            known = ", ".join(connections())
            raise shapes.wrong(f"connection of a waiver must be one of {known}", where)
        return str(value)
    text = shapes.text(value, f"{name} of a waiver", where).strip()
    if name == "address":
        (address,) = shapes.addresses(text, "a waiver", where)
        return address
    if name == "network":
        try:
            return ipaddress.ip_network(text, strict=False)
        except ValueError:
            message = f"{shown(text)} of a waiver is not a network such as 10.1.0.0/16"
            raise shapes.wrong(message, where) from None
    return text
