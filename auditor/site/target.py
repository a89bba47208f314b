"""The target of a connection: the Address or LanAddress, and the Port, that a resource writes."""

from __future__ import annotations

from auditor.config.resources import Resource
from auditor.site import linking
from auditor.site.connections import default_ports
from auditor.site.model import Lan, Role, Target
from auditor.site.topology import TopologyBuilder

#: What a daemon listens on that listens on every address of its machine.
_ANY = frozenset({"", "0.0.0.0", "::"})


def target_of(
    resource: Resource | None,
    acceptor: Role,
    topology: TopologyBuilder,
    own: Resource | None = None,
) -> Target:
    """Return the target that a resource names; without a Port it is the default one of the
    acceptor's role. Where the dialler's resource is not at hand it is what ``own``, the acceptor's
    own resource, listens on."""
    port = default_ports()[acceptor]
    if resource is None and own is not None:
        return _listener(own, port)
    if resource is None or not resource.text("Address"):
        known = resource.number("Port", port) if resource is not None else port
        return Target("", frozenset(), known, resource.source if resource is not None else None)
    address = resource.text("Address")
    return Target(
        address,
        topology.registry.resolve(address),
        resource.number("Port", port),
        resource.where("Address"),
    )


def _listener(own: Resource, default: int) -> Target:
    """Return where a daemon listens. Who dials it may do so by another of its addresses or through
    NAT, so that the address is shown and excludes no other (``addresses`` stays empty)."""
    listed = linking.listening(own)
    named = {one.address for one in listed}
    address = named.pop() if len(named) == 1 else ""
    if address in _ANY:
        address = ""
    key = next((one for one in ("Port", "Address", "Addresses") if own.get(one)), "Port")
    ports = [one.port for one in listed if one.port is not None]
    return Target(address, frozenset(), ports[0] if ports else default, own.where(key))


def lan_target(
    target: Target, resource: Resource | None, partner: Resource | None, topology: TopologyBuilder
) -> tuple[Target, Lan]:
    """Return what ``partner`` is told to dial to reach ``resource``, whose ``target_of`` is
    ``target``, both as the Director has them: the LanAddress if and only if both have one, else
    the Address (bareos.md §4.5)."""
    if resource is None or partner is None:
        return target, Lan()
    written = (resource.where("LanAddress"), partner.where("LanAddress"))
    pair = all(one.get("LanAddress") for one in (resource, partner))
    address = resource.text("LanAddress")
    reached = topology.registry.resolve(address)
    lan = Lan(pair, written, target.addresses, reached)
    return (Target(address, reached, target.port, written[0]) if pair else target), lan
