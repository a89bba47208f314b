"""Each picture of a notebook has a sentence."""

from __future__ import annotations

from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from auditor.notebook.described import PICTURES, describe
from auditor.presentation import Plots


def test_pictures_of_one_cell_are_told_apart() -> None:
    png = [new_output("display_data", {"image/png": "iVBORw0KGgo="}) for _ in range(3)]
    cell = new_code_cell("a.plot.timeline(); a.plot.intervals(ax)", outputs=png)
    describe(new_notebook(cells=[cell]))
    assert [one.metadata["image/png"]["alt"] for one in cell.outputs] == [
        PICTURES["timeline"],
        PICTURES["intervals"],
        "A picture of the audit.",
    ]


def test_every_plot_has_a_sentence() -> None:
    assert PICTURES.keys() == Plots.__abstractmethods__


def test_what_is_no_picture_has_none() -> None:
    text = new_output("display_data", {"text/plain": "audit.plot.timeline()"})
    notebook = new_notebook(
        cells=[new_markdown_cell("audit.plot.timeline()"), new_code_cell("1", outputs=[text])]
    )
    describe(notebook)
    assert text.metadata == {}
