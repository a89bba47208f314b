"""Flows and expectations for the tests of matching, made by hand: no capture, no configuration."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from auditor.flows.flow import Flow, Hello, Outcome, Side
from auditor.site.heartbeat import Heartbeat
from auditor.site.model import Claim, Expectation, Peer, Permission, Role, Site, Target, TlsPolicy


def flow_of(
    initiator: str,
    acceptor: str,
    port: int,
    hello: Hello | None = None,
    *,
    outcome: Outcome = Outcome.ESTABLISHED,
    evidence: str = "syn",
    started: int = 0,
    index: int = 0,
) -> Flow:
    """Return a flow of which only its ends and its hello are known."""
    return Flow(
        index=index,
        initiator=_side(initiator, 40_000 + index),
        acceptor=_side(acceptor, port),
        initiator_evidence=evidence,
        outcome=outcome,
        started=started,
        last=started,
        ended=None,
        syns=1,
        hello=hello if hello is not None else Hello(),
    )


def expectation_of(
    connection: str,
    initiator: Peer,
    acceptor: Peer,
    port: int,
    *,
    label: str = "",
    addresses: Collection[str] = (),
    permission: Permission = Permission.ALLOWED,
    names: Collection[str] = (),
    hello_jobs: Collection[str] = (),
    director: str = "",
) -> Expectation:
    """Return an expectation of which only what matching looks at is set."""
    return Expectation(
        connection=connection,
        initiator=initiator,
        acceptor=acceptor,
        target=Target("", frozenset(addresses), port, None),
        permission=permission,
        permission_source=None,
        heartbeat=Heartbeat(),
        tls=TlsPolicy.UNKNOWN,
        tls_source=None,
        claims=tuple(Claim(name, None) for name in names),
        hello_jobs=frozenset(hello_jobs),
        director=director,
        label=label,
    )


def site_with(
    peers: Collection[Peer],
    rows: Collection[Expectation],
    jobs: dict[str, frozenset[str]] | None = None,
    configured: Collection[tuple[Role, str]] = (),
) -> Site:
    """Return a site of these peers and expectations; ``configured``: whose own configuration is
    at hand."""
    return Site(
        peers=tuple(peers),
        expectations=tuple(rows),
        jobs=jobs or {},
        verify_jobs=frozenset(),
        monitors=frozenset(),
        configured=frozenset(configured),
    )


def spoken(flow: Flow) -> Flow:
    """Return the flow with something that both ends said."""
    return replace(
        flow,
        initiator=replace(flow.initiator, payload_bytes=9),
        acceptor=replace(flow.acceptor, payload_bytes=9),
    )


def _side(address: str, port: int) -> Side:
    return Side(address, port, segments=1, first=0, last=0, ttl=64)
