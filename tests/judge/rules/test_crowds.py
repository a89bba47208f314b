"""Rows that are alike are told as one, and nothing of them is lost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from audits import FLOW

from auditor.judge.rules import findings
from auditor.judge.rules.crowds import MOST_FLOWS, crowds
from auditor.judge.rules.findings import judge
from auditor.judge.rules.rule import Rule, read_rule
from auditor.judge.tables.table import Table, build
from auditor.site.waivers import Waiver

START = 1_800_000_000_000_000_000


def flows(many: Sequence[Mapping[str, Any]]) -> Table:
    return build(
        "flows",
        ({**FLOW, "id": f"f{n}", "started": START + n, **row} for n, row in enumerate(many, 1)),
    )


def strangers(count: int, network: int = 0) -> list[dict[str, Any]]:
    addresses = (f"198.{18 + network}.{n // 250}.{n % 250}" for n in range(count))
    return [{"initiator_address": one, "initiator_daemon": one} for one in addresses]


@pytest.fixture
def refused(tmp_path: Path) -> Rule:
    path = tmp_path / "many.yaml"
    path.write_text(
        "id: many\ntitle: A rule\nabout: flows\nseverity: high\napplies: syns >= 0\n"
        "fail: syns > 0\nmessage: '{initiator_address} dialled {acceptor_address}'\n"
        "why: it is\nremedy: do\nmanual: Network setup\n"
    )
    return read_rule(path)


@pytest.mark.parametrize("count", [2, 8, 9, 5000])
@pytest.mark.parametrize(("host", "port"), [("192.0.2.77", 9103), ("2001:db8::77", 19102)])
def test_many_of_one_pair_are_one(refused: Rule, count: int, host: str, port: int) -> None:
    row = {"initiator_address": host, "acceptor_port": port, "syns": 1}
    judgement = judge({"flows": flows([row] * count)}, [refused])
    (one,) = judgement.findings.rows()
    assert (one["count"], one["first"], one["last"]) == (count, START + 1, START + count)
    assert one["message"].endswith(f"(× {count:,})")
    assert one["flows"] == [f"f{n}" for n in range(1, min(count, MOST_FLOWS) + 1)]
    assert len(judgement.failed) == count


def test_another_pair_another_port_and_another_number_stay_apart(refused: Rule) -> None:
    kinds = [
        {},
        {"initiator_daemon": "director other"},
        {"acceptor_daemon": "storage daemon other"},
        {"acceptor_port": 9104},
        {"connection": "5b"},
    ]
    found = judge({"flows": flows([{"syns": 1, **kind} for kind in kinds * 20])}, [refused])
    assert found.findings.values("count") == [20] * len(kinds)


@pytest.mark.parametrize("count", [300, 3000])
def test_many_strangers_at_one_port_are_some_and_the_others(refused: Rule, count: int) -> None:
    rows = [{**one, "syns": 1} for one in strangers(count)]
    judgement = judge({"flows": flows(rows)}, [refused])
    *few, others = judgement.findings.rows()
    assert [one["count"] for one in few] == [1] * 16
    assert others["count"] == count - 16
    assert others["message"].endswith(f"from {count - 16:,} addresses in all (× {count - 16:,})")
    assert len(judgement.failed) == count


def test_one_that_differs_is_not_hidden_among_strangers(refused: Rule) -> None:
    """A flood of SYNs hides nobody who was let in."""
    rows = [{**one, "syns": 1, "outcome": "unanswered"} for one in strangers(2000)]
    rows.insert(1000, {**strangers(1, network=33)[0], "syns": 1})
    found = judge({"flows": flows(rows)}, [refused]).findings
    (told,) = [row for row in found.rows() if "198.51.0.0 dialled" in row["message"]]
    assert told["count"] == 1


def test_a_scan_of_many_hosts_is_bounded_as_well(refused: Rule) -> None:
    rows = [
        {**one, "acceptor_daemon": f"10.1.{n // 250}.{n % 250}", "syns": 1}
        for n, one in enumerate(strangers(5000))
    ]
    found = judge({"flows": flows(rows)}, [refused]).findings
    assert len(found) == 513
    assert sum(found.values("count")) == 5000


def test_every_row_is_in_one_crowd(refused: Rule) -> None:
    rows = [{"acceptor_port": 9101 + n % 7, **one} for n, one in enumerate(strangers(900) * 12)]
    table = flows(rows)
    chosen = list(range(0, len(table), 2))
    told = crowds(refused, table, chosen)
    assert sorted(row for crowd in told for row in crowd.rows) == chosen
    assert [crowd.rows[0] for crowd in told] == sorted(crowd.rows[0] for crowd in told)


def test_a_waiver_of_one_daemon_covers_no_other(refused: Rule) -> None:
    rows = [{"syns": 1, "acceptor_daemon": name} for name in ("file daemon a", "file daemon b")]
    waiver = Waiver(refused.id, "a", date(2999, 1, 1), "known")
    found = judge({"flows": flows(rows * 50)}, [refused], [waiver])
    assert [(row["waived"], row["count"]) for row in found.findings.rows()] == [
        ("known", 50),
        ("", 50),
    ]
    assert len(found.failed) == 50


def test_the_first_waiver_that_covers_counts_and_none_is_asked_for_each_finding(
    refused: Rule, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A site file holds ten thousand waivers, and each was held against every finding."""
    asked: list[object] = []
    covers = Waiver.covers
    monkeypatch.setattr(Waiver, "covers", lambda *args: asked.append(1) or covers(*args))
    day, past = date(2999, 1, 1), date(1999, 1, 1)
    waivers = [
        Waiver(refused.id, "n1", past, "over"),
        Waiver("other", "n1", day, "of another rule"),
        Waiver(refused.id, "n1", day, "first"),
        Waiver(refused.id, "", day, "any"),
        Waiver(refused.id, "n2", day, "later than any"),
        *(Waiver(refused.id, f"m{n}", day, "of nobody here") for n in range(1000)),
    ]
    rows = [{"syns": 1, "acceptor_daemon": f"file daemon n{n}"} for n in range(40)]
    found = judge({"flows": flows(rows)}, [refused], waivers).findings
    by_flow = dict(zip(found.values("flow"), found.values("waived"), strict=True))
    assert by_flow.pop("f2") == "first"
    assert set(by_flow.values()) == {"any"}
    assert len(asked) == len(rows) + 3, "the one for any, and the two for n1 and the one for n2"


def test_the_words_are_made_for_those_that_are_told(
    refused: Rule, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A flood costs no sentence a flow."""
    made = 0
    original = findings._finding

    def counted(*arguments: Any) -> Any:
        nonlocal made
        made += 1
        return original(*arguments)

    monkeypatch.setattr(findings, "_finding", counted)
    judge({"flows": flows([{**one, "syns": 1} for one in strangers(5000)])}, [refused])
    assert made == 17
