"""What a configuration calls for, without any capture: network → the table EXPECTATIONS."""

from __future__ import annotations

from auditor.config.problem_kinds import Level
from auditor.judge.tables.expectations import expectation_row
from auditor.judge.tables.table import Table, build
from auditor.pipeline.network import Network
from auditor.site.openings.machine import rows_at


def expected_connections(network: Network, host: str = "") -> Table:
    """Return the site's expectations, none of them exercised; none without a configuration. With
    ``host``, a name or an address, only those of that host.

    Raises ConfigurationError if nobody is called so.
    """
    timers = network.site_file.keepalive
    site = network.site
    rows = () if site is None else rows_at(site, host) if host else site.expectations
    return build("expectations", (expectation_row(row, {}, timers) for row in rows))


def problems(network: Network) -> list[str]:
    """Return what is wrong in the configuration or could not be read of it, one sentence each, what
    the programs take worst first."""
    found = network.site.problems if network.site is not None else ()
    worst_first = [*Level]
    return [str(one) for one in sorted(found, key=lambda one: worst_first.index(one.level))]
