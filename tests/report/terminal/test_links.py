"""Rules lead to Bareos' manual on terminals that have links, and nothing else leads anywhere."""

from __future__ import annotations

import re

from audits import recorded

from auditor.judge.rules.manual import manual_url
from auditor.report import Format, RenderOptions, reporter
from auditor.report.terminal.screen import Cell, Screen

LINK = re.compile(r"\x1b\]8;;(https[^\x1b]+)\x1b\\(.*?)\x1b\]8;;\x1b\\")
LINKED = RenderOptions(colour=True, links=True)
COLOURED = RenderOptions(colour=True)


def test_each_rule_of_a_failure_leads_to_its_page() -> None:
    audit = recorded("trouble")
    manual = {rule.id: rule.manual for rule in audit.rules}
    shown = reporter(Format.TABLE, LINKED).audit(audit)
    links = {(re.sub(r"\x1b\[[\d;]*m", "", name), address) for address, name in LINK.findall(shown)}
    assert ("unknown-initiator", manual_url(manual["unknown-initiator"])) in links
    assert links <= {(rule, manual_url(section)) for rule, section in manual.items()}


def test_but_for_the_links_the_report_is_the_same_and_is_so_each_time() -> None:
    audit = recorded("trouble")
    linked = reporter(Format.TABLE, LINKED).audit(audit)
    assert linked == reporter(Format.TABLE, LINKED).audit(audit)
    assert re.sub(r"\x1b\]8;;[^\x1b]*\x1b\\", "", linked) == reporter(Format.TABLE, COLOURED).audit(
        audit
    )


def test_without_colour_or_a_page_there_is_no_link() -> None:
    cell = Cell("login-refused", "dim")
    assert Screen(RenderOptions(links=True)).linked(cell, "https://docs.bareos.org/") == cell
    assert Screen(COLOURED).linked(cell, "https://docs.bareos.org/") == cell
    assert Screen(LINKED).linked(cell, "") == cell


def test_what_others_wrote_makes_no_link() -> None:
    screen = Screen(LINKED)
    screen.line(Cell("\x1b]8;id=7;https://evil.example/\x1b\\here\x1b]8;;\x1b\\", "dim"))
    assert "\x1b]8" not in screen.text()
