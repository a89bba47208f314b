"""Connection 12: the Director and its catalog database (bareos.md §1.9)."""

from __future__ import annotations

from collections.abc import Iterator

from auditor.config.resources import Resource
from auditor.site import effective
from auditor.site.connections import default_ports
from auditor.site.director_domain import DirectorDomain
from auditor.site.heartbeat import Heartbeat
from auditor.site.model import Claim, Expectation, Permission, Role, Target, TlsPolicy
from auditor.site.topology import TopologyBuilder

_LIBPQ = "libpq leaves the operating system's timers"


def expect_catalog(domain: DirectorDomain, topology: TopologyBuilder) -> Iterator[Expectation]:
    """Yield 12 for every Catalog with a DbAddress: without one libpq takes the Unix socket.

    The claim is the database user of the startup message, since PostgreSQL knows no Bareos names.
    """
    if domain.program is None:
        return
    for catalog in domain.program.of("Catalog"):
        address = catalog.text("DbAddress")
        if not address or address.startswith("/"):
            continue
        # Without DbPort libpq asks PGPORT of the Director's environment, which cannot be seen.
        port = catalog.number("DbPort", default_ports()[Role.CATALOG])
        user = catalog.get("DbUser")
        yield Expectation(
            connection="12",
            initiator=domain.peer,
            acceptor=topology.registry.peer(Role.CATALOG, catalog.name, catalog.source, catalog),
            target=Target(
                address, topology.registry.resolve(address), port, catalog.where("DbAddress")
            ),
            permission=Permission.ALLOWED,
            permission_source=catalog.source,
            heartbeat=_heartbeat(catalog),
            # sslmode=disable since 25.0, whatever any directive says (bareos.md §1.9)
            tls=TlsPolicy.OFF,
            tls_source=None,
            claims=(Claim(catalog.text("DbUser"), user.source),) if user else (),
            resources=effective.head_lines(catalog),
            director=domain.peer.name,
        )


def _heartbeat(catalog: Resource) -> Heartbeat:
    """A DbName may be a connection string, which can set libpq's timers (bareos.md §1.9)."""
    if "keepalives" not in catalog.text("DbName"):
        return Heartbeat(0, None, _LIBPQ, effective.setting(catalog, "DbName"))
    return Heartbeat(None, catalog.where("DbName"), "DbName sets keepalives for libpq itself")
