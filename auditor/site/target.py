"""The target of a connection: the Address and Port by which one resource names another daemon."""

from __future__ import annotations

from auditor.config.resources import Resource
from auditor.site.model import Target
from auditor.site.topology import TopologyBuilder


def dialled(resource: Resource | None, port: int, surveyor: TopologyBuilder) -> Target:
    """Return the target that a peer resource names; ``port`` is the default."""
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
