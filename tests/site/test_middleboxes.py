"""The middleboxes that have a name."""

from __future__ import annotations

import datetime as dt

import pytest

from auditor.site.middleboxes import Middlebox, middleboxes


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
