"""What ``docs/notebook.md`` says can be done can be done."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import chdir
from pathlib import Path
from typing import Any

import pytest
from matplotlib import pyplot
from paths import CAPTURES, ROOT

PAGE = (ROOT / "docs" / "notebook.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)


@pytest.fixture(autouse=True)
def _without_windows() -> Iterator[None]:
    pyplot.switch_backend("agg")
    yield
    pyplot.close("all")


def test_every_line_runs_and_does_what_it_says(tmp_path: Path) -> None:
    (tmp_path / "captures").symlink_to(CAPTURES)
    known: dict[str, Any] = {}
    with chdir(tmp_path):
        for block in BLOCKS:
            exec(compile(block, "docs/notebook.md", "exec"), known)
    audit, auditor = known["audit"], known["auditor"]
    assert auditor.load(tmp_path / "audit.json") == audit
    assert (tmp_path / "review.html").stat().st_size > 10_000
    assert len([*tmp_path.glob("audit.*.parquet")]) == len(audit.tables)
    assert known["grave"]["severity"].tolist() == ["high", "medium", "medium"]
    assert audit.flows["connection"].max() == "12"
    assert len(known["axes"].figure.axes) == 1


def test_every_column_that_the_page_names_is_one() -> None:
    from auditor.judge.tables.columns import FLOWS

    named = {"initiator_address", "acceptor_address", "initiator_evidence", "match_reason"}
    assert all(f"`{name}`" in PAGE for name in named) and named <= set(FLOWS)
