"""What a configuration calls for, without any capture: network → the table EXPECTATIONS."""

from __future__ import annotations

from auditor.config.problem_kinds import Level
from auditor.judge.tables.expectations import expectation_row
from auditor.judge.tables.table import Table, build
from auditor.pipeline.network import Network


def expected_connections(network: Network) -> Table:
    """Return the site's expectations, none of them exercised; none without a configuration."""
    rows = network.site.expectations if network.site is not None else ()
    timers = network.site_file.keepalive
    return build("expectations", (expectation_row(row, {}, timers) for row in rows))


def problems(network: Network) -> list[str]:
    """Return what is wrong in the configuration or could not be read of it, one sentence each, what
    the programs take worst first."""
    found = network.site.problems if network.site is not None else ()
    worst_first = [*Level]
    return [str(one) for one in sorted(found, key=lambda one: worst_first.index(one.level))]
