"""A review as one page."""

from __future__ import annotations

import sys

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from pages import parsed
from paths import ROOT

from auditor.errors import ReportError
from auditor.notebook.described import PICTURES
from auditor.notebook.page import page
from auditor.report.own_reports import is_report

STREAM = new_output("stream", name="stdout", text="<script>alert(1)</script>")
NOTEBOOK = new_notebook(
    cells=[
        new_markdown_cell("# Review\n\nof *one*"),
        new_code_cell("secret = 1", outputs=[STREAM]),
    ]
)


def test_a_page_shows_what_came_out_and_not_how() -> None:
    shown = page(NOTEBOOK, "A title")
    tree = parsed(shown)
    assert [one.text for one in tree.find("title")] == ["A title"]
    assert "Review" in tree.find("h1")[0].text
    assert "secret" not in shown
    assert tree.find("script") == [] and "&lt;script&gt;" in shown


def test_a_page_loads_nothing_and_may_run_nothing() -> None:
    shown = page(NOTEBOOK, "A title")
    policies = [one.attributes.get("content", "") for one in parsed(shown).find("meta")]
    assert any(policy.startswith("default-src 'none';") for policy in policies)
    assert "src=" not in shown and "@import" not in shown and "<link" not in shown


def test_each_picture_has_a_sentence_for_who_cannot_see_it() -> None:
    kept = nbformat.read(ROOT / "notebooks" / "security-review.ipynb", as_version=4)
    told = [one.attributes.get("alt") for one in parsed(page(kept, "A title")).find("img")]
    assert told == [PICTURES[name] for name in ("overview", "topology", "heartbeats", "timeline")]


def test_the_next_review_may_replace_it() -> None:
    assert is_report(page(NOTEBOOK, "A title").encode())


def test_without_the_extra_a_sentence_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "nbconvert.exporters", None)
    with pytest.raises(ReportError, match=r"bareos-audit\[notebook\].*or name the file \.ipynb"):
        page(NOTEBOOK, "A title")
