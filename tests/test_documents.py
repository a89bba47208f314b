"""What the documents lead to is there: links, headings, and files that they name."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest
from audits import recorded
from pages import page_of
from paths import ROOT
from PIL import Image

from auditor.site.connections import connections

PAGES = sorted(
    page
    for pattern in ("*.md", "docs/**/*.md", "packaging/*.md", "tests/**/*.md", "captures/**/*.md")
    for page in ROOT.glob(pattern)
)
#: Names that stand for any, and files of others.
NOT_OURS = {".numba_config.yaml", "rules/ID.yaml", "rules/configuration/ID.yaml"}
WORDS = {"FORMAT", "NAME"}
#: These name what there was, what is an example, and what is Bareos' own.
OTHERS = {
    *("CHANGELOG.md", "0007-rooms-are-named-after-what-the-data-becomes.md"),
    *("rules.md", "bareos.md"),
}


@cache
def headings(page: Path) -> set[str]:
    """Return what links to the headings of a page say after the sharp."""
    found = re.findall(r"^#+ (.*)$", page.read_text(encoding="utf-8"), re.M)
    return {re.sub(r"[^\w\- ]", "", one.lower()).replace(" ", "-") for one in found}


@cache
def files() -> list[str]:
    """Return the paths of all files of the checkout that is no environment's or cache's."""
    return [
        f"/{path.relative_to(ROOT)}"
        for path in ROOT.rglob("*.*")
        if not path.relative_to(ROOT).parts[0].startswith((".venv", ".git"))
    ]


@pytest.mark.parametrize(
    ("host", "role"),
    [
        ("the Director", "director"),
        ("a Storage Daemon", "storage daemon"),
        ("a File Daemon", "file daemon"),
    ],
)
def test_the_page_on_taps_says_which_host_sees_which_connection(host: str, role: str) -> None:
    page = (ROOT / "docs" / "where-to-tap.md").read_text(encoding="utf-8")
    (row,) = (line for line in page.splitlines() if line.startswith(f"| {host} |"))
    seen, never = (set(re.findall(r"\b\d+[ab]?\b", cell)) for cell in row.split("|")[2:4])
    ends = {number: {one.initiator, one.acceptor} for number, one in connections().items()}
    assert seen == {number for number, both in ends.items() if role in both}
    assert seen | never == ends.keys() and not seen & never


def test_the_picture_of_the_page_is_of_today_s_and_small() -> None:
    picture = ROOT / "docs" / "report.png"
    with Image.open(picture) as opened:
        known = opened.info
    today = [heading.text for heading in page_of(recorded("trouble")).find("h2")]
    assert known["Description"].splitlines() == today, "python docs/picture.py"
    assert picture.stat().st_size < 300_000


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_somewhere(page: Path) -> None:
    for link in re.findall(r"\]\(([^)\s]+)\)", page.read_text(encoding="utf-8")):
        path, _, heading = link.partition("#")
        if path.startswith(("http:", "https:")):
            continue
        target = page.parent / path if path else page
        assert target.exists(), link
        assert not heading or heading in headings(target), link


@pytest.mark.parametrize(
    "page",
    [page for page in PAGES if page.name not in OTHERS],
    ids=lambda page: str(page.relative_to(ROOT)),
)
def test_every_file_that_is_named_is_there(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    for name in re.findall(r"`([\w./-]+\.(?:py|md|yaml|c|h|service|json|svg|ipynb))`", text):
        if name in NOT_OURS or WORDS & set(re.split(r"\W", name)):
            continue
        assert any(path.endswith(f"/{name}") for path in files()), name
