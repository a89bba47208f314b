"""What one resource says of logins: by which name, with which password, with TLS or without.

Who dials takes one resource; who is dialled looks up the name of the hello among those it has
(bareos.md §3.4, §3.7).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from auditor.config.resources import Resource, Secret, Source
from auditor.site import linking


class Switch(NamedTuple):
    """A directive of the acceptor that allows a connection to be opened by the other side."""

    directive: str
    default: bool


class Entry(NamedTuple):
    """A resource as a key to a login, or as what it is held against."""

    kind: str
    """Identity type that goes with it, such as ``R_DIRECTOR``."""
    name: str
    """The name that the hello carries."""
    label: str
    """The resource for people: ``Director dir1``."""
    source: Source
    """Where its name is written."""
    secret: Secret | None
    password: Source
    """Where its password is written, or the resource in which it would be."""
    tls: bool
    """TlsEnable."""
    tls_source: Source
    required: bool = True
    """TlsRequire."""
    forbidden: Source | None = None
    """Where the acceptor forbids that the other side opens the connection; None: it allows it."""
    switch: str = ""
    """The directive that forbids or allows it."""

    @property
    def takes_cleartext(self) -> bool:
        """Whether a cleartext hello of a program of 18.2 or later is let in: with TLS switched off
        here, or, of a File Daemon only, where it is not required (bareos.md §3.2)."""
        return not self.tls or (self.kind == "R_CLIENT" and not self.required)


class Guests(NamedTuple):
    """All resources under which one daemon accepts logins."""

    entries: tuple[Entry, ...] = ()
    whole: bool = False
    """False: not all of its configuration is at hand, so there may be more."""

    def of(self, kind: str) -> Sequence[Entry]:
        """Return those for an identity type."""
        return [entry for entry in self.entries if entry.kind == kind]


def entry(
    resource: Resource | None, kind: str, *, name: str = "", switch: Switch | None = None
) -> Entry | None:
    """Return what a resource says of logins, under its own name unless another is given; None
    for one that is not at hand."""
    if resource is None:
        return None
    forbids = switch is not None and not resource.flag(*switch)
    return Entry(
        kind=kind,
        name=name or resource.name,
        label=f"{resource.type} {resource.name}",
        source=resource.where("Name"),
        secret=linking.secret_of(resource),
        password=resource.where("Password"),
        tls=resource.flag("TlsEnable", True),
        tls_source=resource.where("TlsEnable"),
        required=resource.flag("TlsRequire", True),
        forbidden=resource.where(switch.directive) if switch is not None and forbids else None,
        switch=switch.directive if switch is not None else "",
    )
