"""Pages that are one table."""

from __future__ import annotations

from audits import expected, recorded
from pages import parsed, rows_of

import auditor
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


def test_two_audits_are_told_by_what_became_of_each_finding() -> None:
    old, new = recorded("heartbeat"), recorded("trouble")
    page = parsed(reporter(Format.HTML).comparison(auditor.compare(old, new)))
    (title,) = page.find("h1")
    assert "3 opened, 0 closed, 0 unchanged, 2027-01-15" in title.text
    rows = rows_of(page, "opened")
    assert {row[-1] for row in rows} == set(new.fails["id"])
    assert all(row[4].startswith("dir/etc/") and row[5] for row in rows)
    back = parsed(reporter(Format.HTML).comparison(auditor.compare(new, old)))
    closed = rows_of(back, "closed")
    assert [row[-1] for row in closed] == [row[-1] for row in rows]
    assert not any(row[5] for row in closed), "nothing is left to do"
    same = parsed(reporter(Format.HTML).comparison(auditor.compare(new, new)))
    assert len(rows_of(same, "unchanged")) == 3
    assert len(same.find("table")) == 1


def test_idle_limits_are_in_words() -> None:
    (table,) = idle_limit_listing([*middleboxes().values()])["grids"]
    assert len(table.rows) == len(middleboxes())
    assert {len(row) for row in table.rows} == {len(table.columns)}


def test_the_catalogue_tells_why_and_what_to_do() -> None:
    page = parsed(reporter(Format.HTML).rules(load_rules()))
    assert len(page.find("article")) == len(load_rules())
    (one,) = parsed(reporter(Format.HTML).rules(load_rules()[:1])).find("article")
    assert load_rules()[0].title in one.text
