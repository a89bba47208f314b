"""Rows as mappings say what the rows say."""

from __future__ import annotations

import numpy as np
import pytest

from auditor.flows.plain_records import plain_records
from auditor.flows.tables import FLOW, SIDE


@pytest.mark.parametrize("which", [[], [3], [5, 0, 3], list(range(1100))])
def test_every_field_of_a_flow_and_its_sides_is_there(which: list[int]) -> None:
    draw = np.random.default_rng(1)
    flows = draw.integers(0, 256, (1100, FLOW.itemsize), "u1").view(FLOW).reshape(-1)
    sides = draw.integers(0, 256, (2200, SIDE.itemsize), "u1").view(SIDE).reshape(-1)
    found = list(plain_records(flows, sides, which))
    assert len(found) == len(which)
    for index, (flow, ends) in list(zip(which, found, strict=True))[-5:]:
        for record, row in ((flow, flows[index]), *zip(ends, sides[2 * index :][:2], strict=True)):
            for name in row.dtype.names:
                assert np.array_equal(record[name], row[name])
                assert not isinstance(record[name], np.generic)
