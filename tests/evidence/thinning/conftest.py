"""Both thinners: the one of this process, and the C source of the filter in the kernel."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from bpf_thinner import BpfThinner
from thinning_stage import by

from auditor.evidence.thinning import Thinner


@pytest.fixture(scope="module", params=[Thinner, BpfThinner], ids=["numba", "c"])
def each_thinner(request: pytest.FixtureRequest) -> Iterator[type]:
    """Let a module's tests thin by one, then by the other."""
    with by(request.param):
        yield request.param
