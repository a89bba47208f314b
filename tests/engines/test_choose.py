"""What a call or an option names means one engine."""

from __future__ import annotations

from typing import Any

import pytest

from auditor.engines.choose import choose_engine
from auditor.engines.dask_cluster import DaskCluster
from auditor.engines.here import Here
from auditor.engines.processes import Processes
from auditor.engines.unit import Task, thin_one
from auditor.errors import EngineError


class Client:
    """As little as tells a ``distributed.Client`` from another engine."""

    def run(self) -> None: ...

    def scheduler_info(self) -> None: ...


def test_a_number_is_processes_an_address_or_a_client_a_cluster() -> None:
    assert choose_engine(3) == Processes(3)
    assert choose_engine("tcp://h:1") == DaskCluster("tcp://h:1")
    client = Client()
    assert choose_engine(client).client is client  # type: ignore[attr-defined]


def test_nothing_is_this_process_and_an_engine_is_itself() -> None:
    assert isinstance(choose_engine(None), Here)
    here = Here()
    assert choose_engine(here) is here
    assert list(here.run([Task(0, "", (9101,))])) == [thin_one(Task(0, "", (9101,)))]


@pytest.mark.parametrize("given", [0, -4, True, False, 1.5, [], {}, object()])
def test_anything_else_is_refused(given: Any) -> None:
    with pytest.raises(EngineError, match="give"):
        choose_engine(given)
