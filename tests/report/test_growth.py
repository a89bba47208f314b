"""What a report costs grows as what was seen does: counted in calls, which no other program on the
machine changes."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from cProfile import Profile
from pathlib import Path

import pytest
from many import many

from auditor.report import Format, RenderOptions, TableName, reporter
from auditor.report.parquet import save_parquet
from auditor.result import Audit

FEW, MANY = 160, 640


def calls(work: Callable[[], Iterable[object]]) -> int:
    """Return how many calls, into Python and C, it takes."""
    profile = Profile()
    profile.enable()
    for _ in work():
        pass
    profile.disable()
    return sum(one.callcount for one in profile.getstats())


def growth(work: Callable[[Audit], Iterable[object]]) -> float:
    """Return how much more it takes for each further flow when there are many than when there are
    few: 1 where the cost is linear."""
    least, few, lots = (many(flows) for flows in (FEW // 2, FEW, MANY))
    for _ in work(least):  # imports, and what is made once
        pass
    costs = [calls(lambda one=one: work(one)) for one in (least, few, lots)]  # type: ignore[misc]
    return (costs[2] - costs[1]) / (MANY - FEW) * (FEW // 2) / (costs[1] - costs[0])


@pytest.mark.parametrize("chosen", Format)
def test_the_cost_of_a_report_is_linear(chosen: Format) -> None:
    assert growth(reporter(chosen).audit_parts) < 1.2


def test_so_is_that_of_another_table() -> None:
    options = RenderOptions(table=TableName.FINDINGS)
    assert growth(reporter(Format.CSV, options).audit_parts) < 1.2


def test_so_is_that_of_parquet(tmp_path: Path) -> None:
    target = str(tmp_path / "audit.parquet")
    assert growth(lambda audit: save_parquet(audit.tables, target)) < 1.2


def test_what_is_not_linear_is_found() -> None:
    assert growth(_each_with_each) > 2


def _each_with_each(audit: Audit) -> Iterable[object]:
    ids = audit.tables["flows"].values("id")
    return (one.startswith(other) for one in ids for other in ids)
