"""Both thinners: the one of this process, and the C source of the filter in the kernel."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from bpf_thinner import BpfThinner
from thinning_stage import by

from auditor.evidence.thinning import Thinner
from auditor.packets.link_types import ETHERNET

#: Where kernels run as plain Python, C has nothing to show.
_PLAIN = os.environ.get("NUMBA_DISABLE_JIT", "0") not in {"", "0"}
_THINNERS = {"numba": Thinner} if _PLAIN else {"numba": Thinner, "c": BpfThinner}


@pytest.fixture(scope="module", params=_THINNERS.values(), ids=_THINNERS.keys())
def each_thinner(request: pytest.FixtureRequest) -> Iterator[type]:
    """Let a module's tests thin by one, then by the other."""
    with by(request.param):
        yield request.param


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave out what there is no case of: the filter in the kernel hangs on interfaces that give
    Ethernet headers, so it gets no recording with cooked ones."""
    items[:] = [item for item in items if not _is_cooked_for_the_kernel(item)]


def _is_cooked_for_the_kernel(item: pytest.Item) -> bool:
    given = getattr(item, "callspec", None)
    folder = given and given.params.get("folder")
    if not isinstance(folder, Path) or given.params.get("each_thinner") is not BpfThinner:
        return False
    return int.from_bytes((folder / "capture.pcap").read_bytes()[20:24], "little") != ETHERNET
