"""The middleboxes that have a name."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from auditor.errors import RuleError
from auditor.site.middleboxes import Middlebox, middleboxes

ENTRY = "- {name: a, limit: 60, then: lost, source: manual, read: 2026-01-31}\n"


def test_they_are_in_the_order_of_their_names() -> None:
    assert [*middleboxes()] == sorted(middleboxes())


@pytest.mark.parametrize("box", middleboxes().values(), ids=lambda box: box.name)
def test_each_says_where_and_when_its_limit_was_read(box: Middlebox) -> None:
    assert isinstance(box.limit, int) and 60 <= box.limit <= 5 * 86400
    assert isinstance(box.read, dt.date)
    assert len(box.source) > 15 and box.then
    assert box.name == box.name.lower().strip() and " " not in box.name


@pytest.mark.parametrize(
    ("name", "limit"),
    [
        ("aws-nat-gateway", 350),
        ("azure-nat-gateway", 240),
        ("gcp-cloud-nat", 1200),
        ("cisco-asa", 3600),
        ("kubernetes-ipvs", 900),
        ("linux-conntrack", 432000),
    ],
)
def test_what_people_ask_for_is_known(name: str, limit: int) -> None:
    assert middleboxes()[name].limit == limit


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("limit: 60", "limit: soon"),
        ("limit: 60", "limit: yes"),
        ("name: a", "name: ' '"),
        ("name: a, ", ""),
        ("lost", ""),
        ("2026-01-31", "today"),
        ("manual", "[]"),
        ("- {", "a: {"),
        ("name: a", "name: a, more: b"),
    ],
)
def test_an_entry_that_is_not_whole_is_refused(
    old: str, new: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("auditor.site.middleboxes.rules_directory", lambda: tmp_path)
    (tmp_path / "middleboxes.yaml").write_text(ENTRY)
    assert [*middleboxes.__wrapped__()] == ["a"]
    (tmp_path / "middleboxes.yaml").write_text(ENTRY.replace(old, new))
    with pytest.raises(RuleError, match="each entry needs"):
        middleboxes.__wrapped__()
