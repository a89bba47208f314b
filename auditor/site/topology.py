"""Finds the estates in a configuration: each Director with all that works with it."""

from __future__ import annotations

from auditor.config.resources import Configuration, Program, ProgramConfig, Resource
from auditor.site import linking
from auditor.site.director_domain import Daemon, DirectorDomain, OwnConfig, director_entry, is_ndmp
from auditor.site.model import Peer, Role
from auditor.site.peer_registry import PeerRegistry, generic
from auditor.site.resolver import Resolver, canonical
from auditor.site.site_file import SiteFile

_DAEMONS = {
    Program.FILE_DAEMON: Role.FILE_DAEMON,
    Program.STORAGE_DAEMON: Role.STORAGE_DAEMON,
}
#: The resource type by which a Director or a tray monitor names such a daemon.
_KINDS = {Role.FILE_DAEMON: "Client", Role.STORAGE_DAEMON: "Storage"}


class TopologyBuilder:
    """Finds the estates in a configuration, resolving names as it goes."""

    def __init__(self, config: Configuration, resolver: Resolver, site_file: SiteFile) -> None:
        self._config = config
        self.book = PeerRegistry(resolver, site_file)

    def programs(self, kind: Program) -> list[ProgramConfig]:
        """Return the configurations of one kind of program."""
        return [program for program in self._config.programs if program.program is kind]

    def estates(self) -> tuple[DirectorDomain, ...]:
        """Return every configured Director, then those that only other programs name."""
        configured = tuple(
            self._configured(program, own)
            for program in self.programs(Program.DIRECTOR)
            if (own := linking.own_resource(program)) is not None
        )
        known = configured + self._named_by_daemons(configured)
        return known or self._named_by_consoles()

    def _configured(self, program: ProgramConfig, own: Resource) -> DirectorDomain:
        clients = self._daemons(program, own, "Client", Program.FILE_DAEMON)
        storages = self._daemons(program, own, "Storage", Program.STORAGE_DAEMON)
        daemons = (*clients, *storages)
        entries = [o.director for d in daemons for o in d.own if o.director is not None]
        peer = self.book.peer(
            Role.DIRECTOR, own.name, own.source, *self._dialled(own), *entries, own=own
        )
        return DirectorDomain(peer, program, own, clients, storages)

    def _dialled(self, own: Resource) -> list[Resource]:
        """Return the Director resources by which consoles and monitors dial this Director."""
        alone = len(self.programs(Program.DIRECTOR)) == 1
        return [entry for entry in self._entries("Director") if alone or entry.name == own.name]

    def _daemons(
        self, program: ProgramConfig, own: Resource, kind: str, of: Program
    ) -> tuple[Daemon, ...]:
        views = [view for view in program.of(kind) if not is_ndmp(view)]
        storage = of is Program.STORAGE_DAEMON
        witnesses: list[linking.Witness] = [linking.same_address, linking.same_name]
        if storage:
            witnesses.append(linking.same_device)
        witnesses.append(linking.same_password)
        links = linking.link(views, self.programs(of), witnesses, exclusive=not storage)
        found = [links[index] for index in range(len(views))]
        role = Role.STORAGE_DAEMON if storage else Role.FILE_DAEMON
        together: dict[int, list[Resource]] = {}
        for view, programs in zip(views, found, strict=True):
            together.setdefault(_key(view, programs), []).append(view)
        return tuple(
            self._daemon(role, view, own, programs, together[_key(view, programs)])
            for view, programs in zip(views, found, strict=True)
        )

    def _daemon(
        self,
        role: Role,
        view: Resource,
        director: Resource,
        programs: tuple[ProgramConfig, ...],
        views: list[Resource],
    ) -> Daemon:
        """Return the daemon of one view; ``views`` are all that name it."""
        own = tuple(
            OwnConfig(program, resource, director_entry(program, director.name, view))
            for program in programs
            if (resource := linking.own_resource(program)) is not None
        )
        certain = own[0].resource if len(own) == 1 else None
        first = views[0]
        name = certain.name if certain and role is Role.STORAGE_DAEMON else first.name
        resources = [*views, *(entry for one in views for entry in self._monitored(one, role))]
        names = [one.name for one in views]
        peer = self.book.peer(role, name, first.source, *resources, own=certain, aliases=names)
        return Daemon(peer, view, own)

    def _monitored(self, view: Resource, role: Role) -> list[Resource]:
        """Return the tray monitors' resources of the same name: further addresses."""
        address = canonical(view.text("Address"))
        return [
            entry
            for entry in self._entries(_KINDS[role])
            if entry.name == view.name
            or (address is not None and canonical(entry.text("Address")) == address)
        ]

    def _named_by_daemons(
        self, configured: tuple[DirectorDomain, ...]
    ) -> tuple[DirectorDomain, ...]:
        """Return estates for Directors that only File and Storage Daemons speak of."""
        linked = [d for e in configured for d in (*e.clients, *e.storages)]
        taken = {id(owned.director) for daemon in linked for owned in daemon.own}
        peers = {id(d.own[0].program): d.peer for d in linked if len(d.own) == 1}
        names = {estate.peer.name for estate in configured}
        found: dict[str, list[Daemon]] = {}
        entries: dict[str, list[Resource]] = {}
        for kind, role in _DAEMONS.items():
            for program in self.programs(kind):
                own = linking.own_resource(program)
                for entry in program.of("Director"):
                    used = id(entry) in taken or entry.name in names
                    if own is None or used or entry.flag("Monitor", False):
                        continue
                    peer = peers.get(id(program)) or self.book.peer(
                        role, own.name, own.source, own=own
                    )
                    daemon = Daemon(peer, None, (OwnConfig(program, own, entry),))
                    found.setdefault(entry.name, []).append(daemon)
                    entries.setdefault(entry.name, []).append(entry)
        return tuple(
            self._estate(name, [*entries[name], *self._dialled_by_name(name)], daemons)
            for name, daemons in found.items()
        )

    def _named_by_consoles(self) -> tuple[DirectorDomain, ...]:
        """Return estates for what bconsole and tray monitor configurations alone speak of; the
        daemons of a tray monitor are taken for those of the first Director."""
        names = dict.fromkeys(entry.name for entry in self._entries("Director"))
        daemons = [
            Daemon(self.book.peer(role, entry.name, entry.source, entry), None, ())
            for role, kind in _KINDS.items()
            for entry in self._entries(kind)
        ]
        if not names and daemons:
            return (_with_generic(generic(Role.DIRECTOR), daemons),)
        return tuple(
            self._estate(name, self._dialled_by_name(name), [] if rank else daemons)
            for rank, name in enumerate(names)
        )

    def _estate(self, name: str, entries: list[Resource], daemons: list[Daemon]) -> DirectorDomain:
        peer = self.book.peer(Role.DIRECTOR, name, entries[0].source, *entries)
        return _with_generic(peer, daemons)

    def _dialled_by_name(self, name: str) -> list[Resource]:
        return [entry for entry in self._entries("Director") if entry.name == name]

    def _entries(self, kind: str) -> list[Resource]:
        """Return the resources by which consoles and monitors dial others."""
        return [
            entry
            for dialler in (Program.CONSOLE, Program.TRAY_MONITOR)
            for program in self.programs(dialler)
            for entry in program.of(kind)
        ]


def _key(view: Resource, programs: tuple[ProgramConfig, ...]) -> int:
    """Return what the views of one daemon share: its configuration, where it is certain."""
    return id(programs[0]) if len(programs) == 1 else id(view)


def _with_generic(peer: Peer, daemons: list[Daemon]) -> DirectorDomain:
    """Return an estate in which "any" daemon stands for each role that nobody names."""

    def of(role: Role) -> tuple[Daemon, ...]:
        named = tuple(daemon for daemon in daemons if daemon.peer.role is role)
        return named or (Daemon(generic(role), None, ()),)

    return DirectorDomain(peer, None, None, of(Role.FILE_DAEMON), of(Role.STORAGE_DAEMON))
