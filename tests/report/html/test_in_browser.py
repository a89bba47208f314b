"""The page in a browser: nothing is asked for, nothing is complained of, and choosing works."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unicodedata import normalize

import pypdf
import pytest
from audits import FINDING, FLOW, made, recorded
from browser import Opened, opened, started
from pages import HOSTILE, hostile
from paths import CAPTURES

import auditor
from auditor.judge.rules.rule import load_rules
from auditor.report import Format, reporter

pytestmark = pytest.mark.xdist_group("browser")
HTML = reporter(Format.HTML)


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with started() as one:
        yield one


@pytest.fixture
def trouble(browser: Any, tmp_path: Path) -> Iterator[Opened]:
    with opened(browser, tmp_path, HTML.audit(recorded("trouble"))) as page:
        yield page


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1400, 400])
def test_it_is_clean_in_both_schemes_and_at_any_width(
    browser: Any, tmp_path: Path, width: int, scheme: str
) -> None:
    look = {"color_scheme": scheme, "viewport": {"width": width, "height": 900}}
    with opened(browser, tmp_path, HTML.audit(recorded("trouble")), **look) as page:
        if (width < 1000) == (scheme == "dark"):  # axe-core takes seconds: once a width and scheme
            assert page.faults() == []
        assert (page.said, page.asked) == ([], [])
        assert page.page.evaluate("document.documentElement.scrollWidth") == width
        table = "document.querySelector('.thirteen').getBoundingClientRect()"
        assert page.page.evaluate(table)["right"] <= width  # seen whole, without a push


def test_the_line_that_sets_a_heartbeat_is_seen_without_a_push(
    browser: Any, tmp_path: Path
) -> None:
    look = {"viewport": {"width": 1400, "height": 900}}
    with opened(browser, tmp_path, HTML.audit(recorded("heartbeat")), **look) as page:
        room = "document.querySelector('#heartbeats .scroll:has(tbody)')"
        assert page.page.evaluate(f"{room}.scrollWidth <= {room}.clientWidth")


def test_whoever_reads_in_the_dark_prints_on_white(browser: Any, tmp_path: Path) -> None:
    with opened(browser, tmp_path, HTML.audit(made()), color_scheme="dark") as page:
        ink = "getComputedStyle(document.body).color"
        assert page.page.evaluate(ink) == "rgb(228, 230, 233)"
        page.page.emulate_media(media="print", color_scheme="dark")
        assert page.page.evaluate(ink) == "rgb(29, 34, 40)"


TEXTS = {
    "check": lambda: HTML.check(auditor.check(CAPTURES / "trouble" / "config", resolve=False)),
    "rules": lambda: HTML.rules(load_rules()[:3]),
    "nothing": lambda: HTML.audit(made(captures=())),
    "heartbeats": lambda: HTML.audit(recorded("heartbeat")),
}


@pytest.mark.parametrize("name", TEXTS)
def test_other_pages_are_clean_too(browser: Any, tmp_path: Path, name: str) -> None:
    with opened(browser, tmp_path, TEXTS[name]()) as page:
        assert name == "heartbeats" or page.faults() == []
        assert (page.said, page.asked) == ([], [])


@pytest.mark.parametrize("evil", [*HOSTILE[:4], HOSTILE[7]])
def test_a_hostile_name_does_nothing(browser: Any, tmp_path: Path, evil: str) -> None:
    with opened(browser, tmp_path, hostile(evil)) as page:
        page.page.get_by_label("Search").last.fill("x")
        assert (page.said, page.asked) == ([], [])
        assert page.page.locator("main img, main iframe, main script:not([type])").count() == 0
        assert page.page.evaluate("document.documentElement.scrollWidth") == 1280


def test_thirteen_arrows_have_a_label_and_are_reached_by_keyboard(trouble: Opened) -> None:
    arrows = trouble.page.locator("#overview svg").get_by_role("button")
    assert arrows.count() == 13
    labels = [arrow.get_attribute("aria-label") for arrow in arrows.all()]
    assert labels[3] == "4, File Daemon to Director: not exercised, none seen"
    arrows.nth(3).focus()
    trouble.page.keyboard.press("Tab")
    label = trouble.page.evaluate("document.activeElement.getAttribute('aria-label')")
    assert label == labels[4]


@pytest.mark.parametrize("key", ["Enter", "Space", "click"])
def test_an_arrow_filters_all_that_is_below(trouble: Opened, key: str) -> None:
    page = trouble.page
    arrow = page.locator("#overview svg").get_by_role("button", name="5a, ")
    if key == "click":
        arrow.locator(".pill").click()
    else:
        arrow.press(key)
    assert arrow.get_attribute("aria-pressed") == "true"
    assert [text.split("\n")[0] for text in trouble.shown("#findings article h3")] == [
        "medium Nobody answered a connection attempt"
    ]
    assert set(trouble.shown("#connections tbody th")) == {"5a"}
    assert len(trouble.shown("#connections tbody tr")) == 2
    assert trouble.shown("#modes tbody tr") == []
    assert trouble.shown("#modes [data-range]") == ["none"]
    (told,) = trouble.shown(".chosen span")
    assert told.startswith("Only 5a: 1 of 3 findings, ")
    assert "2 of 16 connections" in told
    page.get_by_role("button", name="Show all").click()
    assert arrow.get_attribute("aria-pressed") == "false"
    assert len(trouble.shown("#connections tbody tr")) == 16
    assert trouble.shown(".chosen") == []


def test_several_numbers_are_shown_together_and_none_is_told(trouble: Opened) -> None:
    buttons = trouble.page.get_by_role("table", name="The thirteen").get_by_role("button")
    for number in ("1", "12"):
        buttons.get_by_text(number, exact=True).click()
    assert set(trouble.shown("#connections tbody th")) == {"1", "12"}
    assert trouble.shown("#findings .nothing") == ["None concerns the chosen connections."]
    assert trouble.shown("#notes article h3") == ["info The catalog connection is in cleartext"]


def test_what_has_no_number_is_chosen_too(trouble: Opened) -> None:
    trouble.page.get_by_role("button", name="without a number").click()
    assert set(trouble.shown("#connections tbody th")) == {"–"}
    assert trouble.shown("#findings article h3") == [
        "high A host that the configuration does not know dialled a Bareos daemon"
    ]
    (told,) = trouble.shown(".chosen span")
    assert told.startswith("Only without a number: 1 of 3 findings, ")


def test_tables_are_searched_and_turned_page_by_page(browser: Any, tmp_path: Path) -> None:
    flows = [{**FLOW, "id": f"f{n}", "identity_name": f"name{n}"} for n in range(120)]
    with opened(browser, tmp_path, HTML.audit(made(flows=flows))) as page:
        grid = page.page.locator("[data-grid=connections]")
        assert grid.locator("[data-range]").inner_text() == "1–25 of 120"
        grid.get_by_role("button", name="Next").click()
        assert grid.locator("[data-range]").inner_text() == "26–50 of 120"
        grid.get_by_label("Search").fill("NAME11")
        assert grid.locator("[data-range]").inner_text() == "1–11 of 11"
        assert len(page.shown("[data-grid=connections] tbody tr")) == 11
        grid.get_by_label("Search").fill("no such name")
        assert grid.locator("[data-range]").inner_text() == "none"


def test_what_is_drawn_does_not_grow_with_what_was_seen(browser: Any, tmp_path: Path) -> None:
    sizes = []
    for number in (200, 2_000):
        flows = [{**FLOW, "id": f"f{n}", "initiator_port": n} for n in range(number)]
        with opened(browser, tmp_path, HTML.audit(made(flows=flows))) as page:
            sizes.append(page.page.evaluate("document.querySelectorAll('*').length"))
            page.page.locator("#overview svg").get_by_role("button", name="6, ").press("Enter")
            assert page.page.locator("#connections tbody tr").count() == 0
    assert sizes[0] == sizes[1]


def test_a_filter_is_copied(browser: Any, tmp_path: Path) -> None:
    text = HTML.audit(made(flows=[FLOW], findings=[FINDING]))
    rights = ["clipboard-read", "clipboard-write"]
    with opened(browser, tmp_path, text, permissions=rights) as page:
        page.page.get_by_text("Evidence").click()
        button = page.page.get_by_role("button", name="Copy wireshark filter")
        button.click()
        page.page.get_by_role("button", name="Copied wireshark filter").wait_for()
        copied = page.page.evaluate("navigator.clipboard.readText()")
        ends = "ip.addr == 192.0.2.10 && ip.addr == 192.0.2.20"
        assert copied == f"{ends} && tcp.port == 9103 && tcp.port == 40000"


def test_the_printed_report_has_its_verdict_on_the_first_page(trouble: Opened) -> None:
    printed = pypdf.PdfReader(io.BytesIO(trouble.page.pdf(format="A4")))
    pages = [normalize("NFKC", page.extract_text()) for page in printed.pages]  # no ligatures
    first, everything = pages[0], "\n".join(pages)
    assert "fail" in first.lower()
    assert "3 findings (1 high, 2 medium)" in first
    assert "captures/trouble/capture.pcap" in first
    assert "ip.addr == 10.77.0.66" in everything  # what is folded on the screen is printed
    assert "Search" not in everything
    assert len(printed.pages) < 15


def test_without_script_it_can_be_read(browser: Any, tmp_path: Path) -> None:
    flows = [{**FLOW, "id": f"f{n}"} for n in range(120)]
    text = HTML.audit(made(flows=flows, findings=[FINDING]))
    with opened(browser, tmp_path, text, java_script_enabled=False) as page:
        assert len(page.shown("#connections tbody tr")) == 25
        assert page.shown("input, [data-step], [data-copy]") == []
        assert "The first 25 of 120: the others show where scripts may run." in page.shown("p")
