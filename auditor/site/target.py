"""The target of a connection: the Address and Port by which one resource names another daemon."""

from __future__ import annotations

from auditor.config.resources import Resource
from auditor.site.connections import default_ports
from auditor.site.model import Role, Target
from auditor.site.topology import TopologyBuilder


def dialled(resource: Resource | None, acceptor: Role, surveyor: TopologyBuilder) -> Target:
    """Return the target that a peer resource names; without a Port it is the default one of the
    acceptor's role."""
    port = default_ports()[acceptor]
    if resource is None or not resource.text("Address"):
        known = resource.number("Port", port) if resource is not None else port
        return Target("", frozenset(), known, resource.source if resource is not None else None)
    address = resource.text("Address")
    return Target(
        address,
        surveyor.book.resolve(address),
        resource.number("Port", port),
        resource.where("Address"),
    )
