"""For every configuration of a recording, whole or in part: nothing is too wide, nothing is missing
without a word."""

from __future__ import annotations

from pathlib import Path

import pytest
from paths import CAPTURES

from auditor.config.reading import read_configuration
from auditor.site.build import build_site
from auditor.site.model import Expectation, Permission, Site
from auditor.site.openings.opening import Openings
from auditor.site.openings.plan import plan_openings
from auditor.site.resolver import Resolver

CONFIGS = sorted(CAPTURES.glob("*/config")) + sorted(CAPTURES.glob("cases/*/config"))


def read(*paths: Path) -> Site:
    """Read these, whose names nobody resolves."""
    return build_site(read_configuration(paths), Resolver(system=False))


def allowed(site: Site) -> set[str]:
    """Return the ids of what may be."""
    return {row.id for row in site.expectations if row.permission is not Permission.FORBIDDEN}


def check(plan: Openings, wanted: set[str]) -> None:
    """Check that just these connections are opened, missing or local, at their own addresses; those
    of daemons that may be anywhere may be missing too."""
    told: set[str] = {row.id for row in plan.local}
    for chain in plan.chains:
        for gap in chain.gaps:
            assert gap.missing
            assert gap.remedy
            told |= {use.id for use in gap.uses if "may be on this host" not in gap.missing}
        keys = [(one.source, one.address, one.port) for one in chain.openings]
        assert len(keys) == len(set(keys))
        for one in chain.openings:
            assert one.source or one.address
            told |= {use.id for use in one.uses}
            for use in one.uses:
                assert fits(one.source, one.address, one.port, use)
    assert told == wanted


def fits(source: str, address: str, port: int, use: Expectation) -> bool:
    """Tell whether an opening is no wider than one of the connections that it is for."""
    dialled = use.addresses | use.acceptor.addresses | use.lan.plain
    return (
        use.permission is not Permission.FORBIDDEN
        and source in use.initiator.addresses | {""}
        and address in dialled | {""}
        and port in use.acceptor.ports | {use.port}
    )


@pytest.mark.parametrize("config", CONFIGS, ids=lambda path: path.parent.name)
def test_each_connection_is_opened_or_missing_or_local(config: Path) -> None:
    site = read(config)
    check(plan_openings(site), allowed(site))
    for peer in site.peers:
        if peer.generic:
            continue
        ends = {
            row.id: {(end.role, end.name) for end in (row.initiator, row.acceptor)}
            for row in site.expectations
        }
        plan = plan_openings(site, str(peer))
        here = {(one.role, one.name) for one in plan.peers}
        check(plan, {one for one in allowed(site) if ends[one] & here})


@pytest.mark.parametrize("config", CONFIGS, ids=lambda path: path.parent.name)
def test_a_part_of_it_opens_nothing_that_the_whole_forbids(config: Path) -> None:
    site = read(config)
    whole = {row.id: row for row in site.expectations}
    hosts = [path for path in config.iterdir() if path.is_dir()]
    for host in hosts:
        others = [path for path in hosts if path != host]
        for part in ([host], others):
            if not part:
                continue
            known = read(*part)
            plan = plan_openings(known)
            check(plan, allowed(known))
            for chain in plan.chains:
                for use in (use for one in chain.openings for use in one.uses):
                    if use.id in whole and use.connection in {"6", "7"}:
                        assert whole[use.id].permission is not Permission.FORBIDDEN, use.id
