"""Who there is: each Director with its clients and storages, consoles and monitors beside them.

Any part may be missing. A File Daemon's configuration alone still names a Director, and a
Director's alone still names its clients; where a role is not named at all, a generic peer stands
for "any".
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from auditor.config.resources import Configuration, ProgramConfig, Resource, Source
from auditor.site import linking
from auditor.site.model import Peer

#: What the packages call the monitor, wherever nothing is marked as one.
_CONVENTION = "bareos-mon"


class OwnConfig(NamedTuple):
    """What a daemon's own configuration says of itself and of one Director."""

    program: ProgramConfig
    resource: Resource
    """``Fd->Client`` or ``Sd->Storage``."""
    director_resource: Resource | None
    """Its ``Director`` resource for the Director in question."""


class Daemon(NamedTuple):
    """A File Daemon or Storage Daemon of one Director."""

    peer: Peer
    director_side: Resource | None
    """The Director's resource for it, ``Dir->Client`` or ``Dir->Storage``; None where no Director
    configuration names it."""
    own: tuple[OwnConfig, ...]
    """One item where its own configuration is known, several where it is one of these."""

    @property
    def own_resource(self) -> Resource | None:
        """Its own ``Fd->Client`` or ``Sd->Storage`` where it is certain which one it is."""
        return self.own[0].resource if len(self.own) == 1 else None

    @property
    def director_resource(self) -> Resource | None:
        """Its own ``Director`` resource where it is certain which one it is."""
        return self.own[0].director_resource if len(self.own) == 1 else None

    @property
    def director_side_name(self) -> str:
        """The name that the Director gives it; empty where no Director configuration names it."""
        return self.director_side.name if self.director_side is not None else ""

    @property
    def passive(self) -> bool:
        """Whether the Director has it as a passive client, which storage daemons dial."""
        return self.director_side is not None and self.director_side.flag("Passive", False)

    @property
    def source(self) -> Source | None:
        """Where it is defined: the Director's resource, else its own."""
        return self.director_side.source if self.director_side is not None else self.peer.source


class DirectorDomain(NamedTuple):
    """One Director and the daemons it works with."""

    peer: Peer
    program: ProgramConfig | None
    resource: Resource | None
    clients: tuple[Daemon, ...]
    storages: tuple[Daemon, ...]

    @property
    def daemons(self) -> tuple[Daemon, ...]:
        """Its clients, and then its storages."""
        return (*self.clients, *self.storages)

    def handed_out(self) -> Iterator[tuple[str, Daemon, list[Daemon]]]:
        """Yield whose address the Director hands out, to whom, and the number of the connection
        that they open with it: a Storage's to clients, a passive client's to storages."""
        active = [one for one in self.clients if not one.passive]
        yield from (("6", storage, active) for storage in self.storages)
        passive = (one for one in self.clients if one.passive)
        yield from (("7", client, list(self.storages)) for client in passive)


def director_resource_of(
    program: ProgramConfig, name: str, director_side: Resource | None
) -> Resource | None:
    """Return the daemon's Director resource for the Director of that name: by name, else by the
    password that both ends must share, else the only one that is no monitor's."""
    listed = [d for d in program.of("Director") if not d.flag("Monitor", False)]
    named = [director for director in listed if director.name == name]
    if not named and director_side is not None:
        secret = linking.secret_of(director_side)
        named = [d for d in listed if secret is not None and linking.secret_of(d) == secret]
    found = named or listed
    return found[0] if len(found) == 1 else None


def monitor_names(config: Configuration) -> frozenset[str]:
    """Return every name that a tray monitor uses: its own, and what daemons mark as a monitor."""
    names = {
        resource.name
        for program in config.programs
        for resource in program.resources
        if resource.type == "Monitor"
        or (resource.type == "Director" and resource.flag("Monitor", False))
    }
    return frozenset(names | {_CONVENTION})


def dialled_directors(program: ProgramConfig, name: str, alone: bool) -> list[Resource]:
    """Return the Director resources by which a console or tray monitor dials the Director of that
    name. The label in them need not agree where there is no other Director (``alone``) and the
    program knows no other."""
    listed = list(program.of("Director"))
    named = [director for director in listed if director.name == name]
    return named or (listed if alone and len(listed) == 1 else [])


def is_ndmp(resource: Resource) -> bool:
    """Tell whether a Client or Storage uses NDMP, outside the numbering (bareos.md §4.9)."""
    return resource.text("Protocol").lower().startswith("ndmp")
