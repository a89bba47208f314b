"""What another program sees, on a terminal."""

from __future__ import annotations

from dataclasses import replace

from audits import FLOW, made

from auditor.opinion import Agreement, Difference, Opinion
from auditor.report import Format, RenderOptions, reporter

TIME = 1_800_000_001_000_000_000


def shown(opinion: Opinion | None) -> str:
    audit = replace(made(flows=[FLOW]), opinion=opinion)
    return reporter(Format.TABLE, RenderOptions()).audit(audit).partition("What TShark 4 sees")[2]


def difference(**others: object) -> Difference:
    given = ("SYNs", False, "a.pcap", 7, TIME, "10.0.0.1:5 → 10.0.0.2:9103", "because")
    return Difference(*given)._replace(**others)  # type: ignore[arg-type]


def test_nothing_is_said_where_nobody_was_asked() -> None:
    assert shown(None) == ""


def test_what_agrees_is_counted_and_what_does_not_on_both_sides() -> None:
    text = shown(Opinion("TShark 4", (Agreement("a", 2, 2, 2), Agreement("b", 3, 4, 1)), ()))
    assert "  • a: 2 agree\n  • b: 1 agree; 2 only here, 3 only there\n" in text


def test_a_difference_has_time_ends_frame_and_reason() -> None:
    text = shown(Opinion("TShark 4", (), (difference(),)))
    assert (
        "    08:00:01  only there: 1 of SYNs, 10.0.0.1:5 → 10.0.0.2:9103, frame 7: because\n"
    ) in text


def test_alike_ones_are_told_once() -> None:
    many = tuple(difference(frame=n, ours=True) for n in range(1, 10))
    text = shown(Opinion("TShark 4", (), many))
    assert "only here: 9 of SYNs" in text
    assert "frames 1, 2, 3, 4 …" in " ".join(text.split())


def test_many_kinds_are_cut_and_counted() -> None:
    many = tuple(difference(ends=str(n), frame=None, time=None, reason="") for n in range(20))
    text = shown(Opinion("TShark 4", (), many, more=5, incomplete="it gave up"))
    assert "and 13 more differences" in text
    assert "    • only there: 1 of SYNs, 0\n" in text
    assert "not all could be compared: it gave up" in text
