"""Idle limits: one for all, by connection number, between two networks; by time or by name."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from auditor.errors import IdleLimitError, SiteFileError
from auditor.site import idle_limits
from auditor.site.idle_limits import IdleLimit, IdleLimits, read_idle_limits
from auditor.site.site_file import read_site_file

NOWHERE: frozenset[str] = frozenset()


def seconds(value: Any, number: str, initiator: str = "", acceptor: str = "") -> float | None:
    ends = (frozenset(filter(None, [end])) for end in (initiator, acceptor))
    found = read_idle_limits(value).of(number, *ends)
    return None if found is None else found.seconds


@pytest.mark.parametrize(
    ("value", "limit"),
    [
        ("60m", 3600.0),
        ("350s", 350.0),
        (900, 900.0),
        (0.5, 0.5),
        ("1 h", 3600.0),
        ("aws-nat-gateway", 350.0),
        ("cisco-asa", 3600.0),
        ("Cisco-ASA", 3600.0),
    ],
)
def test_one_limit_holds_for_every_connection(value: Any, limit: float) -> None:
    assert seconds(value, "4") == seconds(value, "12", "10.0.0.1", "fd00::1") == limit


def test_a_middlebox_is_told_with_what_it_does() -> None:
    assert str(read_idle_limits("aws-nat-gateway").everywhere) == (
        "5 min 50 s (aws-nat-gateway: answered by RST)"
    )
    assert str(read_idle_limits("1h").everywhere) == "1 h"
    assert str(IdleLimit()) == "never"


def test_nothing_given_is_no_limit() -> None:
    assert not read_idle_limits(None)
    assert read_idle_limits({}) == IdleLimits()
    assert seconds(None, "4") is None


@pytest.mark.parametrize(
    ("number", "initiator", "acceptor", "limit"),
    [
        ("3", "192.0.2.1", "192.0.2.2", 3600.0),
        ("4", "192.0.2.1", "192.0.2.2", 350.0),
        ("5a", "192.0.2.1", "192.0.2.2", 240.0),
        ("4", "10.1.0.9", "10.2.0.9", 900.0),
        ("4", "10.2.0.9", "10.1.0.9", 900.0),
        ("4", "10.2.0.9", "10.2.0.8", 350.0),
        ("6", "2001:db8:1::5", "2001:db8:2::5", None),
        ("6", "10.1.0.9", "10.2.1.9", 600.0),
        ("6", "", "10.2.0.9", 3600.0),
    ],
)
def test_what_is_nearer_to_the_connection_holds(
    number: str, initiator: str, acceptor: str, limit: float | None
) -> None:
    value = {
        "all": "60m",
        4: "350s",
        "5a": "azure-nat-gateway",
        "10.1.0.0/16 10.2.0.0/16": "15m",
        "10.1.0.0/16 - 10.2.1.0/24": "10m",
        "2001:db8:1::/48, 2001:db8:2::/48": "never",
    }
    assert seconds(value, number, initiator, acceptor) == limit


def test_without_a_limit_for_all_the_others_have_none() -> None:
    limits = read_idle_limits({"6": "60m"})
    assert limits.of("7", NOWHERE, NOWHERE) is None
    assert limits


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        ("aws", "did you mean aws-nat-gateway or aws-nlb or aws-vpc-endpoint"),
        ("fortgate", "did you mean fortigate"),
        ("xyzzy", "rules --idle-limits lists the names"),
        ("0", "neither a time"),
        (-5, "neither a time"),
        (True, "neither a time"),
        ("", "neither a time"),
        (["60m"], "neither a time"),
        ({"4": "5 weeks"}, "neither a time"),
        ({"13": "5m"}, "neither all, a connection number nor two networks"),
        ({"10.0.0.0/8": "5m"}, "two networks"),
        ({"10.0.0.0/8 10.0.0.0/99": "5m"}, "two networks"),
        ({"a b c": "5m"}, "two networks"),
    ],
)
def test_a_mistake_is_told_in_a_sentence(value: Any, sentence: str) -> None:
    with pytest.raises(IdleLimitError, match=sentence):
        read_idle_limits(value)


def test_the_site_file_says_the_same_and_names_itself(tmp_path: Path) -> None:
    path = tmp_path / "site.yaml"
    path.write_text("idle_limit: {all: 60m, 4: aws-nlb, 10.0.0.0/8 fd00::/8: never}\n")
    limits = read_site_file(path).idle_limits
    assert [limits.of(n, NOWHERE, NOWHERE) for n in ("3", "4")] == [
        IdleLimit(3600.0),
        IdleLimit(350.0, "aws-nlb", "dropped, or answered by RST"),
    ]
    path.write_text("idle_limit: soon\n")
    with pytest.raises(SiteFileError, match=r"site\.yaml:1: 'soon' is neither a time"):
        read_site_file(path)


def test_an_address_is_looked_for_in_the_networks_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A thousand pairs of networks, for each of a quarter of a million connections."""
    limits = read_idle_limits({f"10.{n}.0.0/16 10.0.0.0/8": f"{n}s" for n in range(60, 80)})
    asked: list[object] = []
    parse = idle_limits.ipaddress.ip_address
    monkeypatch.setattr(
        idle_limits.ipaddress, "ip_address", lambda text: asked.append(text) or parse(text)
    )
    ends = [frozenset({f"10.{n}.0.1"}) for n in range(60, 80)]
    found = {
        (a, b): limits.of("6", one, two) for a, one in enumerate(ends) for b, two in enumerate(ends)
    }
    assert all(limit == IdleLimit(60 + min(pair)) for pair, limit in found.items())
    assert limits.of("6", frozenset({"192.0.2.1"}), ends[0]) is None
    assert len(asked) == len(ends) + 1
