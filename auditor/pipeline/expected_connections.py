"""What a configuration calls for, without any capture: network → the table EXPECTATIONS."""

from __future__ import annotations

from auditor.judge.tables.expectations import expectation_row
from auditor.judge.tables.table import Table, build
from auditor.pipeline.network import Network


def expected_connections(network: Network) -> Table:
    """Return the site's expectations, none of them exercised; none without a configuration."""
    rows = network.site.expectations if network.site is not None else ()
    return build("expectations", (expectation_row(row, {}) for row in rows))
