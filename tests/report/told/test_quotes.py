"""The lines of the configuration, as an audit keeps them."""

from __future__ import annotations

from dataclasses import replace

from audits import made

from auditor.config.resources import Excerpt
from auditor.report.told.quotes import quotes
from auditor.report.told.view import View

KEPT = (
    Excerpt("/etc/d/a.conf", 2, 1, ("Client {", "  Name = a", "  Passive = yes", "  Port = 1")),
    Excerpt("/etc/d/a.conf", 4, 2, ("  Name = a", "  Passive = yes", "  Port = 1", "}")),
    Excerpt("/etc/d/a.conf", 20, 19, ("}", "Client {")),
    Excerpt("/etc/d/b.conf", 1, 1, ("Storage {",)),
)


def view() -> View:
    finding = {"rule": "connection-refused", "sources": ["/etc/d/a.conf:2", "/etc/d/b.conf:1"]}
    return View(replace(made(findings=[finding]), excerpts=KEPT))


def test_lines_that_follow_each_other_are_one_quote() -> None:
    made_, left = quotes(view(), [one.source for one in KEPT])
    assert [(one.file, [line.number for line in one.lines]) for one in made_] == [
        ("a.conf", [1, 2, 3, 4, 5]),
        ("a.conf", [19, 20]),
        ("b.conf", [1]),
    ]
    assert [line.number for line in made_[0].lines if line.decisive] == [2, 4]
    assert left == []


def test_what_is_not_at_hand_stays_a_place() -> None:
    made_, left = quotes(view(), ["/etc/d/c.conf:9", "/etc/d/b.conf:1", "whole.conf"])
    assert [one.file for one in made_] == ["b.conf"]
    assert left == ["/etc/d/c.conf:9", "whole.conf"]
