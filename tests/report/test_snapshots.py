"""Whole runs against golden files. After a wanted change: UPDATE_SNAPSHOTS=1 pytest tests/report"""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from audits import expected, recorded
from pages import without_pictures

from auditor import __version__
from auditor.report import Format, RenderOptions, reporter

SNAPSHOTS = Path(__file__).parent / "snapshots"


def check(name: str, text: str) -> None:
    path = SNAPSHOTS / name
    text = text.replace(f'"version": "{__version__}"', '"version": "VERSION"')
    if os.environ.get("UPDATE_SNAPSHOTS"):
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["trouble", "heartbeat"])
@pytest.mark.parametrize("width", [100, 80])
def test_the_table_reads_as_it_did(name: str, width: int) -> None:
    report = reporter(Format.TABLE, RenderOptions(width=width))
    check(f"{name}-{width}.txt", report.audit(recorded(name)))


@pytest.mark.parametrize("name", ["trouble", "heartbeat"])
def test_the_page_reads_as_it_did(name: str) -> None:
    page = without_pictures(reporter(Format.HTML).audit(recorded(name)))
    check(f"{name}.html", page.replace(f"bareos-audit {__version__}", "bareos-audit VERSION"))


@pytest.mark.parametrize("name", ["trouble", "heartbeat"])
@pytest.mark.parametrize(("chosen", "suffix"), [("junit", "xml"), ("sarif", "sarif")])
def test_what_pipelines_read_is_as_it_was(name: str, chosen: str, suffix: str) -> None:
    check(f"{name}.{suffix}", reporter(Format(chosen)).audit(recorded(name)))


@pytest.mark.parametrize("name", ["trouble", "heartbeat"])
def test_the_comment_reads_as_it_did(name: str) -> None:
    text = reporter(Format.MARKDOWN).audit(recorded(name))
    check(f"{name}.md", text.replace(f"bareos-audit {__version__}", "bareos-audit VERSION"))


@pytest.mark.parametrize("name", ["trouble", "heartbeat"])
def test_the_document_reads_as_it_did(name: str) -> None:
    document = json.loads(reporter(Format.JSON).audit(recorded(name)))
    check(f"{name}.json", json.dumps(document, indent=2) + "\n")


def test_the_table_without_a_configuration_reads_as_it_did() -> None:
    report = reporter(Format.TABLE)
    check("trouble-unconfigured.txt", report.audit(recorded("trouble", configured=False)))


def test_the_table_of_expectations_reads_as_it_did() -> None:
    check("trouble-expect.txt", reporter(Format.TABLE).expectations(expected("trouble")))
