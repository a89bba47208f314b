"""After how long the way forgets a silent connection: everywhere, by connection number, or
between two networks.

What is nearer to the connection holds: a pair of networks beats a number, a number what holds
everywhere. Of several pairs that fit, the one that forgets first holds.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any, NamedTuple

from auditor.errors import IdleLimitError
from auditor.site.connections import connections
from auditor.site.middleboxes import middleboxes
from auditor.text.amounts import TIME_UNITS, amount
from auditor.text.times import length

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

#: The key of what holds where nothing nearer is given.
_EVERYWHERE = "all"
#: The limit of a way on which nothing forgets a connection.
_NEVER = "never"
#: Each is held against every connection; sites with more have them from a router's table.
_MOST = 1000
_BETWEEN = re.compile(r"\s*,\s*|\s+-\s+|\s+")


@dataclass(frozen=True, slots=True)
class IdleLimit:
    """One limit."""

    seconds: float | None = None
    """None: nothing on this way forgets a connection."""
    middlebox: str = ""
    """Name of the box that has it; empty: it was given as a time."""
    then: str = ""
    """What becomes of the next packet, in words; empty: not known."""

    def __str__(self) -> str:
        if self.seconds is None:
            return "never"
        aside = "" if not self.middlebox else f" ({self.middlebox}: {self.then})"
        return f"{length(self.seconds)}{aside}"


class Between(NamedTuple):
    """A limit between two networks, whoever dials."""

    one: Network
    other: Network
    limit: IdleLimit


@dataclass(frozen=True, slots=True)
class IdleLimits:
    """All limits that were given; false where there is none."""

    everywhere: IdleLimit | None = None
    by_connection: Mapping[str, IdleLimit] = field(default_factory=dict)
    between: tuple[Between, ...] = ()
    _holding: dict[str, tuple[int, int]] = field(default_factory=dict, compare=False, repr=False)
    """By address a bit for each of ``between`` whose one, and whose other, network holds it: each
    is looked for once, not for every connection."""

    def __bool__(self) -> bool:
        return bool(self.everywhere or self.by_connection or self.between)

    def of(
        self, connection: str, initiator: frozenset[str], acceptor: frozenset[str]
    ) -> IdleLimit | None:
        """Return the limit on the way of a connection whose ends have these addresses; None: none
        was given for it."""
        if self.between:
            from_one, from_other = self._held(initiator)
            to_one, to_other = self._held(acceptor)
            if fitting := from_one & to_other | from_other & to_one:
                held = (pair.limit for rank, pair in enumerate(self.between) if fitting >> rank & 1)
                return min(held, key=_length)
        return self.by_connection.get(connection, self.everywhere)

    def _held(self, addresses: Iterable[str]) -> tuple[int, int]:
        one = other = 0
        for address in addresses:
            if address not in self._holding:
                parsed, ranked = ipaddress.ip_address(address), list(enumerate(self.between))
                self._holding[address] = (
                    sum(1 << rank for rank, pair in ranked if parsed in pair.one),
                    sum(1 << rank for rank, pair in ranked if parsed in pair.other),
                )
            one |= self._holding[address][0]
            other |= self._holding[address][1]
        return one, other


def _length(limit: IdleLimit) -> float:
    return float("inf") if limit.seconds is None else limit.seconds


def read_idle_limits(value: Any) -> IdleLimits:
    """Return the limits that a value says: seconds, a text such as ``60m`` or the name of a
    middlebox, or a mapping of ``all``, connection numbers and pairs of networks to these.

    Raises IdleLimitError.
    """
    if value is None:
        return IdleLimits()
    if not isinstance(value, Mapping):
        return IdleLimits(everywhere=_limit(value))
    if len(value) > _MOST:
        raise IdleLimitError(f"idle_limit has more than {_MOST} entries")
    everywhere, numbers, between = None, {}, []
    for key, item in value.items():
        name = " ".join(str(key).split())
        if name == _EVERYWHERE:
            everywhere = _limit(item)
        elif name in connections():
            numbers[name] = _limit(item)
        else:
            between.append(Between(*_pair(name), _limit(item)))
    return IdleLimits(everywhere, numbers, tuple(between))


def _limit(value: Any) -> IdleLimit:
    if isinstance(value, list | Mapping):
        raise IdleLimitError(_unknown(f"a {type(value).__name__}"))
    text = str(value).strip()
    if text == _NEVER:
        return IdleLimit()
    if isinstance(value, str | int | float) and not isinstance(value, bool):
        seconds = amount(text, TIME_UNITS)
        if seconds is not None:
            return IdleLimit(seconds)
    box = middleboxes().get(text.lower())
    if box is None:
        raise IdleLimitError(_unknown(text))
    return IdleLimit(float(box.limit), box.name, box.then)


def _unknown(text: str) -> str:
    near = [name for name in middleboxes() if text and text.lower() in name][:3]
    near = near or get_close_matches(text.lower(), middleboxes(), n=3, cutoff=0.5)
    hint = (
        f"did you mean {' or '.join(near)}?"
        if near
        else "bareos-audit rules --idle-limits lists the names."
    )
    return f"{text[:80]!r} is neither a time such as 350s or 60m nor a known middlebox: {hint}"


def _pair(text: str) -> tuple[Network, Network]:
    parts = _BETWEEN.split(text)
    try:
        one, other = (ipaddress.ip_network(part, strict=False) for part in parts)
    except ValueError:
        raise IdleLimitError(
            f"{text[:80]!r} of idle_limit is neither {_EVERYWHERE}, a connection number nor two "
            "networks such as 10.1.0.0/16 10.2.0.0/16"
        ) from None
    return one, other
