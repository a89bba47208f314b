"""Comments of firewall rules: what they say, and how long they are."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from firewalls import HOSTILE, of_two
from scene import DIR, SD1, SD2
from site_of import site_of

from auditor.report.firewall import comments
from auditor.site.openings.opening import Opening
from auditor.site.openings.plan import plan_openings


def opening(folder: Path, source: str, address: str, **changes: str | None) -> Opening:
    """Return one opening of the scene's network."""
    site = f"daemons: {{director dir: {{addresses: [{DIR}]}}}}\n"
    (chain,) = plan_openings(site_of(folder, site=site, **changes)).chains
    return next(one for one in chain.openings if (one.source, one.address) == (source, address))


def test_connections_that_share_a_rule_are_told_together(tmp_path: Path) -> None:
    one = opening(tmp_path, DIR, SD1)
    file = tmp_path / "config" / "dir" / "bareos-dir.conf"
    assert comments.described(one.uses) == f"5a, 5b: director dir -> storage daemon sd1 ({file}:8)"
    assert comments.kept_by_kernel(one).startswith("5a, 5b dir > sd1 ")
    assert comments.kept_by_kernel(one).endswith("dir/bareos-dir.conf:8")


def test_many_daemons_at_one_address_are_told_by_the_first(tmp_path: Path) -> None:
    one = opening(tmp_path, DIR, SD2)
    uses = tuple(
        replace(use, initiator=replace(use.initiator, name=f"d{number}"))
        for use in one.uses
        for number in range(9)
    )
    told = comments.described(uses)
    assert told.startswith("5a, 5b: director d0 -> storage daemon sd2; 5a, 5b: director d1 -> ")
    assert " and 5 pairs more (" in told


@pytest.mark.parametrize("more", HOSTILE, ids=range(len(HOSTILE)))
def test_what_the_kernel_keeps_has_room_and_no_quotes(more: str, tmp_path: Path) -> None:
    (chain,) = plan_openings(of_two(tmp_path, hostile=more)).chains
    for one in chain.openings:
        kept = comments.kept_by_kernel(one)
        assert len(kept.encode()) <= comments.KERNEL_COMMENT
        assert kept.isprintable()
        assert not set('"\\') & set(kept)
        assert kept.startswith("5a dir")
        assert kept.endswith("x.conf:7")


def test_a_connection_without_a_line_has_none(tmp_path: Path) -> None:
    one = opening(tmp_path, DIR, SD1)
    bare = [
        replace(use, permission_source=None, target=use.target._replace(source=None))
        for use in one.uses
    ]
    assert comments.kept_by_kernel(one._replace(uses=tuple(bare))) == "5a, 5b dir > sd1"
    assert comments.places(bare) == []


def test_a_line_of_comment_is_one_line() -> None:
    told = list(comments.commented(["a\nb\u2028c", "", "x" * 20_000], "\t"))
    assert told[:2] == ["\t# a?b?c", "\t#"]
    assert len(told[2]) < 1100
