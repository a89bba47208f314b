"""Every notebook runs from top to bottom, and what it keeps of its outputs is what a run gives.

``UPDATE_SNAPSHOTS=1 pytest tests/notebooks`` writes the outputs anew.
"""

from __future__ import annotations

import base64
import io
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import commandline
import nbformat
import numpy as np
import pytest
from matplotlib.image import imread
from nbclient import NotebookClient
from paths import ROOT

from auditor.notebook.described import describe

NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
#: Of the colours of a picture, on average: machines round differently.
TOLERANCE = 0.01


def outputs(notebook: Any) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Yield what each cell shows, by its id, without what was shown meanwhile and is empty now."""
    for cell in notebook.cells:
        shown = [
            {**one["data"], "told": dict(one.get("metadata", {}))}
            if one.get("data")
            else {"stream": one.get("text")}
            for one in cell.get("outputs", [])
        ]
        yield cell["id"], [data for data in shown if data.get("text/html") != ""]


def pixels(png: str) -> Any:
    return imread(io.BytesIO(base64.b64decode(png)), format="png")


def same(kept: dict[str, Any], found: dict[str, Any]) -> bool:
    if "image/png" in kept and "image/png" in found:
        one, other = (pixels(data.pop("image/png")) for data in (kept, found))
        if one.shape != other.shape or np.abs(one - other).mean() > TOLERANCE:
            return False
    return kept == found


@pytest.mark.slow
@pytest.mark.filterwarnings("default")  # the warnings of Jupyter's own event loop are not ours
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_run_gives_what_is_kept(path: Path) -> None:
    commandline.warm_up()  # else the first cell compiles for minutes
    notebook = nbformat.read(path, as_version=4)
    kept = dict(outputs(notebook))
    where = {"metadata": {"path": path.parent}}
    NotebookClient(notebook, timeout=300, resources=where, record_timing=False).execute()
    describe(notebook)
    if os.environ.get("UPDATE_SNAPSHOTS"):
        notebook.metadata["language_info"] = {"name": "python"}
        nbformat.write(notebook, path)
        return
    found = dict(outputs(notebook))
    assert [*found] == [*kept]
    different = [
        name
        for name, shown in found.items()
        if len(shown) != len(kept[name]) or not all(map(same, kept[name], shown))
    ]
    assert different == [], "UPDATE_SNAPSHOTS=1 pytest tests/notebooks writes them anew"


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_outputs_are_kept_and_say_nothing_of_who_made_them(path: Path) -> None:
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert sum(bool(cell.outputs) for cell in code) > len(code) / 2
    text = path.read_text(encoding="utf-8")
    for foreign in (str(ROOT), "/root/", "/home/", "/tmp/", "iopub", " at 0x", "Traceback"):
        assert foreign not in text, foreign
    assert notebook.metadata["language_info"] == {"name": "python"}


def text_of(name: str) -> str:
    return (ROOT / "notebooks" / f"{name}.ipynb").read_text(encoding="utf-8")


def test_the_review_has_all_that_a_reader_signs() -> None:
    headings = re.findall(r'"## ([^"\\]+)', text_of("security-review"))
    assert headings == [
        "Scope", "What was captured, and what was not", "Topology", "Findings", "Heartbeats",
        "Evidence", "What to do", "Least privilege", "Signature",
    ]  # fmt: skip
    assert "unknown-initiator" in text_of("security-review")
