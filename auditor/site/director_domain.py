"""Who there is: each Director with its clients and storages, consoles and monitors beside them.

Any part may be missing. A File Daemon's configuration alone still names a Director, and a
Director's alone still names its clients; where a role is not named at all, a generic peer stands
for "any".
"""

from __future__ import annotations

from dataclasses import dataclass

from auditor.config.resources import ProgramConfig, Resource, Source
from auditor.site import linking
from auditor.site.model import Peer


@dataclass(frozen=True, slots=True)
class OwnConfig:
    """A daemon's own word on itself and on one Director."""

    program: ProgramConfig
    resource: Resource
    """``Fd->Client`` or ``Sd->Storage``."""
    director: Resource | None
    """Its ``Director`` resource for the Director in question."""


@dataclass(frozen=True, slots=True)
class Daemon:
    """A File Daemon or Storage Daemon of one Director."""

    peer: Peer
    view: Resource | None
    """``Dir->Client`` or ``Dir->Storage``; None where no Director configuration names it."""
    own: tuple[OwnConfig, ...]
    """One entry where its own configuration is known, several where it is one of these."""

    @property
    def source(self) -> Source | None:
        """Where it is defined: the Director's resource, else its own."""
        return self.view.source if self.view is not None else self.peer.source


@dataclass(frozen=True, slots=True)
class DirectorDomain:
    """One Director and the daemons it works with."""

    peer: Peer
    program: ProgramConfig | None
    resource: Resource | None
    clients: tuple[Daemon, ...]
    storages: tuple[Daemon, ...]


def director_entry(program: ProgramConfig, name: str, view: Resource | None) -> Resource | None:
    """Return the daemon's Director resource for that Director: by name, else by the password
    that both ends must share, else the only one that is no monitor's."""
    entries = [entry for entry in program.of("Director") if not entry.flag("Monitor", False)]
    named = [entry for entry in entries if entry.name == name]
    if not named and view is not None:
        secret = linking.secret_of(view)
        named = [e for e in entries if secret is not None and linking.secret_of(e) == secret]
    found = named or entries
    return found[0] if len(found) == 1 else None


def is_ndmp(resource: Resource) -> bool:
    """Tell whether a Client or Storage speaks NDMP, outside the numbering (bareos.md §4.9)."""
    return resource.text("Protocol").lower().startswith("ndmp")
