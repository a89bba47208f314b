"""Joins what the Director calls a daemon with that daemon's own configuration.

Names need not agree (bareos.md §5.8), and an equal password alone proves nothing: a copy that was
made to be shown has one text in place of all of them, and many sites give all clients the same one.
So a daemon is known by its exact name, else by listening at just the address that the Director
dials, else, for a Storage, by a device that no other has, else by being the last one left. Where
two are left, neither is taken.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Container, Hashable, Iterable, Iterator, Mapping, Sequence

from auditor.config.resources import Listen, Program, ProgramConfig, Resource, Secret
from auditor.site.connections import default_ports
from auditor.site.resolver import canonical, is_loopback

#: Returns every address of a host name or literal.
Resolve = Callable[[str], frozenset[str]]

#: The daemon's own resource type, which also carries its listening addresses.
OWN_TYPE: Mapping[Program, str] = {
    Program.DIRECTOR: "Director",
    Program.FILE_DAEMON: "Client",
    Program.STORAGE_DAEMON: "Storage",
}


def own_resource(program: ProgramConfig) -> Resource | None:
    """Return the resource in which a daemon describes itself, if it is there."""
    return next(program.of(OWN_TYPE[program.program]), None)


def secret_of(resource: Resource) -> Secret | None:
    """Return the fingerprint of a resource's password, if it has one."""
    setting = resource.get("Password")
    return setting.value if setting and isinstance(setting.value, Secret) else None


def listening(own: Resource) -> tuple[Listen, ...]:
    """Return the addresses a daemon's own resource names; empty: it listens everywhere."""
    found: list[Listen] = []
    for key in ("Address", "Addresses", "Port"):
        setting = own.get(key)
        if setting and isinstance(setting.value, tuple):
            found.extend(item for item in setting.value if isinstance(item, Listen))
    return tuple(found)


class Daemons:
    """The programs of one kind by what they say of themselves: looked through once for all
    Directors, of which a service provider has many."""

    def __init__(self, programs: Iterable[ProgramConfig]) -> None:
        self.by_name: _Index = defaultdict(dict)
        self.by_address: _Index = defaultdict(dict)
        self.by_device: _Index = defaultdict(dict)
        self.by_director: _Index = defaultdict(dict)
        for program in programs:
            own, key = own_resource(program), id(program)
            for listen in listening(own) if own is not None else ():
                if own is not None and (address := _host_literal(listen.address)) is not None:
                    at = address, listen.port or _default(own)
                    self.by_address[at][key] = program
            if own is not None:
                self.by_name[own.name][key] = program
            for one in program.of("Device", "Autochanger"):
                self.by_device[one.name][key] = program
            for one in program.of("Director"):
                self.by_director[one.name][key] = program


_Index = dict[Hashable, dict[int, ProgramConfig]]
"""Programs by something that they have, and by their ids."""


def link(
    director: ProgramConfig,
    resources: Sequence[Resource],
    daemons: Daemons,
    resolve: Resolve,
) -> dict[int, ProgramConfig]:
    """Return the program whose configuration is that of each resource's daemon, by the resource's
    index; a resource for which none is certain is left out.

    ``resources`` are the Clients, or the Storages, of one Director. Each way to know a daemon is
    tried on what those before it have left.
    """
    links: dict[int, ProgramConfig] = {}

    def left() -> _Left:
        return {index: one for index, one in enumerate(resources) if index not in links}

    def taken() -> set[int]:
        return {id(program) for program in links.values()}

    links |= _matched({i: [one.name] for i, one in left().items()}, daemons.by_name)
    # A host name may mean different hosts to two machines, so it links nothing.
    dialled = {i: list(_dialled(one, "Address", "LanAddress")) for i, one in left().items()}
    links |= _matched(dialled, daemons.by_address, taken())
    own = own_resource(director)
    if director.whole and own is not None:
        # Whoever names this Director must be one of those whom it names.
        mine = daemons.by_director.get(own.name, {})
        links |= _by_devices(resources, daemons, links, resolve, mine)
    links |= _dialled_alike(resources, links)
    if director.whole and own is not None:
        links |= _last(left(), mine, taken())
    return links


_Left = Mapping[int, Resource]
"""Resources that are not linked yet, by their index."""


def _matched(
    wanted: Mapping[int, Iterable[Hashable]], offered: _Index, taken: Container[int] = ()
) -> dict[int, ProgramConfig]:
    """Return the program of each index whose keys belong to one program only, but for those that
    are ``taken``."""
    found: dict[int, ProgramConfig] = {}
    for index, keys in wanted.items():
        fits = {i: p for key in keys for i, p in offered.get(key, {}).items() if i not in taken}
        if len(fits) == 1:
            found[index] = next(iter(fits.values()))
    return found


def _by_devices(
    resources: Sequence[Resource],
    daemons: Daemons,
    links: Mapping[int, ProgramConfig],
    resolve: Resolve,
    mine: Container[int],
) -> dict[int, ProgramConfig]:
    """A device often has the name that the packages give it: it links nothing where two daemons
    have it, or where it is dialled at two hosts, and nothing without a second witness: the
    Director's name or the password. ``mine`` are the ids of the programs that name the Director."""
    users: dict[str, set[object]] = defaultdict(set)
    for resource in resources:
        address = resource.text("Address").lower()
        for device in _devices(resource):
            users[device].add(min(resolve(address), default=address))
    found: dict[int, ProgramConfig] = {}
    for index, resource in enumerate(resources):
        owners = {device: daemons.by_device.get(device, {}) for device in _devices(resource)}
        alone = all(len(some) == len(users[device]) == 1 for device, some in owners.items())
        if index in links or not owners or not alone:
            continue
        fits = {key: program for some in owners.values() for key, program in some.items()}
        if len(fits) != 1:
            continue
        ((key, program),) = fits.items()
        if key in mine or _same_password(resource, program):
            found[index] = program
    return found


def _last(
    left: _Left, mine: Mapping[int, ProgramConfig], taken: set[int]
) -> dict[int, ProgramConfig]:
    """Where all others are linked and one is left on each side, with one password, they belong
    together: a daemon that has another name than the Director gives it. ``mine`` are the programs
    that name the Director, ``taken`` those that are linked."""
    if len(left) != 1 or not taken:
        return {}
    free = [program for key, program in mine.items() if key not in taken]
    ((index, resource),) = left.items()
    return {index: free[0]} if len(free) == 1 and _same_password(resource, free[0]) else {}


def _devices(resource: Resource) -> tuple[str, ...]:
    device = resource.get("Device")
    value = device.value if device is not None else ()
    return tuple(one for one in value if isinstance(one, str)) if isinstance(value, tuple) else ()


def same_device(resource: Resource, program: ProgramConfig) -> bool:
    """Tell whether the Storage Daemon has every device or autochanger that the Storage names."""
    wanted = set(_devices(resource))
    return bool(wanted) and wanted <= {one.name for one in program.of("Device", "Autochanger")}


def _same_password(resource: Resource, program: ProgramConfig) -> bool:
    secret = secret_of(resource)
    return secret is not None and any(secret == secret_of(d) for d in program.of("Director"))


def _dialled_alike(
    resources: Sequence[Resource], links: Mapping[int, ProgramConfig]
) -> dict[int, ProgramConfig]:
    """Two resources with one address and port are one daemon, whatever they are called."""
    known: _Index = defaultdict(dict)
    for i, program in links.items():
        for key in _dialled(resources[i], "Address"):
            known[key][id(program)] = program
    left = {i: one for i, one in enumerate(resources) if i not in links}
    return _matched({i: list(_dialled(one, "Address")) for i, one in left.items()}, known)


def _dialled(resource: Resource, *keys: str) -> Iterator[Hashable]:
    """Yield the addresses and ports at which a resource is dialled, but for this very machine."""
    for key in keys:
        written = resource.text(key).lower().rstrip(".")
        address = _host_literal(written) if canonical(written) else written
        if address and address != "localhost":
            yield address, resource.number("Port", _default(resource))


def _host_literal(written: str) -> str | None:
    """Return a literal in its usual spelling; None for a name, a wildcard and a loopback."""
    address = canonical(written)
    if address is None or is_loopback(address) or address in {"0.0.0.0", "::"}:
        return None
    return address


def _default(resource: Resource) -> int:
    """Return the port at which the daemon listens if nothing is written."""
    storage = resource.type == OWN_TYPE[Program.STORAGE_DAEMON]
    return default_ports()[Program.STORAGE_DAEMON if storage else Program.FILE_DAEMON]
