"""Joins what the Director calls a daemon with that daemon's own configuration.

Names need not agree (bareos.md §5.8): a Client is matched to a File Daemon by name, address and
password, a Storage to a Storage Daemon also by the device it names. Where several candidates are
left, all are kept, and a fact counts only if they agree on it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from auditor.config.resources import Listen, Program, ProgramConfig, Resource, Secret
from auditor.site.resolver import canonical

#: One test of whether a Client or Storage resource of a Director and the configuration of a
#: program are of one daemon.
Criterion = Callable[[Resource, ProgramConfig], bool]

#: The daemon's own resource type, which also carries its listening addresses.
OWN_TYPE: Mapping[Program, str] = {
    Program.DIRECTOR: "Director",
    Program.FILE_DAEMON: "Client",
    Program.STORAGE_DAEMON: "Storage",
}

_Key = TypeVar("_Key")


def own_resource(program: ProgramConfig) -> Resource | None:
    """Return the resource in which a daemon describes itself, if it is there."""
    return next(program.of(OWN_TYPE[program.program]), None)


def same_name(resource: Resource, program: ProgramConfig) -> bool:
    """Tell whether the daemon's own name is the one the Director uses."""
    own = own_resource(program)
    return own is not None and own.name == resource.name


def same_address(resource: Resource, program: ProgramConfig) -> bool:
    """Tell whether the daemon listens at just the address that the Director dials."""
    own = own_resource(program)
    wanted = {canonical(resource.text(key)) for key in ("Address", "LanAddress")} - {None}
    return own is not None and not wanted.isdisjoint(
        canonical(listen.address) for listen in listening(own)
    )


def same_password(resource: Resource, program: ProgramConfig) -> bool:
    """Tell whether one of the daemon's own Director resources has the same password."""
    secret = secret_of(resource)
    return secret is not None and any(secret == secret_of(d) for d in program.of("Director"))


def same_device(resource: Resource, program: ProgramConfig) -> bool:
    """Tell whether the Storage Daemon has every device or autochanger that the Storage names."""
    device = resource.get("Device")
    wanted = set(device.value) if device and isinstance(device.value, tuple) else set()
    return bool(wanted) and wanted <= {r.name for r in program.of("Device", "Autochanger")}


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


def link(
    resources: Sequence[Resource],
    programs: Sequence[ProgramConfig],
    criteria: Sequence[Criterion],
    *,
    exclusive: bool,
) -> dict[int, tuple[ProgramConfig, ...]]:
    """Return the programs whose configuration each resource's daemon may have, by the resource's
    index.

    ``criteria`` are tried from strong to weak, each narrowing what the ones before have left.
    With ``exclusive`` (one Client, one File Daemon) a program that is the only one left for one
    resource is no candidate for the others.
    """
    links = {
        index: _candidates(resource, programs, criteria) for index, resource in enumerate(resources)
    }
    return _exclude_taken(links) if exclusive else links


def _candidates(
    resource: Resource, programs: Sequence[ProgramConfig], criteria: Sequence[Criterion]
) -> tuple[ProgramConfig, ...]:
    left = tuple(p for p in programs if any(criterion(resource, p) for criterion in criteria))
    for criterion in criteria:
        narrowed = tuple(program for program in left if criterion(resource, program))
        left = narrowed or left
    return left


def _exclude_taken(
    links: dict[_Key, tuple[ProgramConfig, ...]],
) -> dict[_Key, tuple[ProgramConfig, ...]]:
    """Repeat elimination until nothing changes: each round decides at least one resource."""
    while True:
        taken = {id(found[0]) for found in links.values() if len(found) == 1}
        reduced = {
            key: found
            if len(found) <= 1
            else tuple(p for p in found if id(p) not in taken) or found
            for key, found in links.items()
        }
        if reduced == links:
            return links
        links = reduced
