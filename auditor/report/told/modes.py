"""The operating mode of each client: which numbers it allows, beside those that were seen.

What the two switches of direction and ``Passive`` come to is bareos.md §4.1 to §4.3: who dials for
control (3 or 4), and who for data (6 or 7); 5a is in every mode.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

from auditor.report.cells import text
from auditor.report.told.view import View
from auditor.site.connections import connections
from auditor.site.model import Permission, Role

#: Numbers of a client's own connections, and the column of the row that names it.
_CLIENT_IS = {"3": "acceptor", "4": "initiator", "6": "initiator", "7": "acceptor"}

#: Who dials for control and for data, and what the manual calls that.
_CONTROL = {
    ("3",): "",
    ("4",): "client-initiated",
    ("3", "4"): "either side dials",
    (): "no control",
}
_DATA = {("6",): "", ("7",): "passive", ("6", "7"): "active and passive", (): "no data"}


@dataclass(slots=True)
class ClientMode:
    """One client as one Director's configuration has it."""

    client: str
    director: str
    allowed: set[str] = field(default_factory=set)
    forbidden: set[str] = field(default_factory=set)
    seen: dict[str, int] = field(default_factory=dict)
    """Connections that were seen by number, those that nobody allows included."""

    @property
    def mode(self) -> str:
        """The mode in the manual's words."""
        control, data = (
            words[tuple(sorted(self.allowed & set(numbers)))]
            for words, numbers in ((_CONTROL, ("3", "4")), (_DATA, ("6", "7")))
        )
        return ", ".join(filter(None, (control, data))) or "default"

    @property
    def odd(self) -> list[str]:
        """Numbers that were seen and that the mode does not allow."""
        return [number for number in self.seen if number not in self.allowed]


def client_modes(view: View) -> list[ClientMode]:
    """Return the clients that the configuration knows, by name; none: there is no configuration."""
    found: dict[tuple[str, str], ClientMode] = {}
    director_of = {}
    for row in view.expectations:
        end = _CLIENT_IS.get(text(row, "connection"))
        if end is None or not text(row, end).removeprefix("any ").startswith(Role.FILE_DAEMON):
            continue
        key = text(row, end), text(row, "director")
        director_of[text(row, "id")] = key
        mode = found.setdefault(key, ClientMode(*key))
        forbidden = text(row, "permission") == Permission.FORBIDDEN
        (mode.forbidden if forbidden else mode.allowed).add(text(row, "connection"))
    _count_seen(view, found, director_of)
    for mode in found.values():
        mode.forbidden -= mode.allowed
        mode.seen = {number: mode.seen[number] for number in connections() if number in mode.seen}
    return sorted(found.values(), key=lambda mode: (mode.client, mode.director))


def _count_seen(
    view: View,
    found: Mapping[tuple[str, str], ClientMode],
    keys: Mapping[str, tuple[str, str]],
) -> None:
    """Count each flow where it was expected; else at every Director that knows the client."""
    named = defaultdict(list)
    for (client, _), mode in found.items():
        named[client].append(mode)
    for flow in view.flows:
        end = _CLIENT_IS.get(text(flow, "connection"))
        if end is None:
            continue
        key = keys.get(text(flow, "expectation"))
        modes = [found[key]] if key else named[text(flow, f"{end}_daemon")]
        for mode in modes:
            number = text(flow, "connection")
            mode.seen[number] = mode.seen.get(number, 0) + 1
