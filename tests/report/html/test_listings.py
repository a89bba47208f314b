"""Pages that are one table."""

from __future__ import annotations

from audits import expected
from pages import parsed, rows_of

from auditor.judge.rules.rule import load_rules
from auditor.judge.tables.table import build
from auditor.report import Format, reporter
from auditor.report.html.listings import idle_limit_listing
from auditor.site.middleboxes import middleboxes


def test_expectations_come_without_what_was_seen() -> None:
    text = reporter(Format.HTML).expectations(expected("trouble"), ["x.conf:1: odd"])
    page = parsed(text)
    rows = rows_of(page, "connections")
    assert len(rows) == len(expected("trouble"))
    headings = [one.text for one in page.find("th", scope="col")]
    assert headings[0] == "no."
    assert len({*headings}) == len(headings)
    assert ["4", "required", "file daemon fd3", "10.77.0.33", "director bareos-dir"] in [
        row[:5] for row in rows
    ]
    assert {row[1] for row in rows} == {"required", "allowed", "forbidden"}
    assert {row[6] for row in rows} == {"10 s", "system, 2 h"}
    assert {len(row) for row in rows} == {len(headings)}
    assert "x.conf:1: odd" in page.text


def test_sockets_have_all_columns() -> None:
    table = build("sockets", [{"connection": "3", "own": True, "idle_s": 60.5}])
    page = parsed(reporter(Format.HTML).sockets(table))
    headings = [one.text for one in page.find("th", scope="col")]
    assert {"idle (s)", "local address", "side", "state"} <= {*headings}
    (row,) = rows_of(page, "sockets")
    assert (row[0], "60.5" in row, "yes" in row) == ("3", True, True)


def test_idle_limits_are_in_words() -> None:
    (table,) = idle_limit_listing([*middleboxes().values()])["grids"]
    assert len(table.rows) == len(middleboxes())
    assert {len(row) for row in table.rows} == {len(table.columns)}


def test_the_catalogue_tells_why_and_what_to_do() -> None:
    page = parsed(reporter(Format.HTML).rules(load_rules()))
    assert len(page.find("article")) == len(load_rules())
    (one,) = parsed(reporter(Format.HTML).rules(load_rules()[:1])).find("article")
    assert load_rules()[0].title in one.text
