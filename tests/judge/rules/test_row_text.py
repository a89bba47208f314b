"""Cells become text in messages: missing ones vanish, hostile ones are inert."""

from __future__ import annotations

import pytest

from auditor.judge.rules.row_text import RowText
from auditor.judge.tables.table import build


def shown(column: str, value: object, **others: object) -> str:
    return RowText(build("flows", [{column: value, **others}]).row(0))[column]


@pytest.mark.parametrize(
    ("column", "value", "text"),
    [
        ("acceptor_port", 9102, "9102"),
        ("acceptor_port", None, ""),
        ("rtt_ms", 1.5, "1.5"),
        ("rtt_ms", 2.0, "2"),
        ("started", 1_700_000_000_000_000_000, "2023-11-14T22:13:20+00:00"),
        ("tls_source", "a\x1b[31mb", "a?[31mb"),
        ("identity_sources", ["a:1", "b\u202e:2"], "a:1, b?:2"),
        ("one_sided", True, "True"),
    ],
)
def test_a_cell_as_text(column: str, value: object, text: str) -> None:
    assert shown(column, value) == text


def test_any_daemon_that_was_seen_is_the_one_at_its_address() -> None:
    cells = {"initiator_daemon": "any console", "initiator_address": "2001:db8::9"}
    row = RowText(build("flows", [cells]).row(0))
    assert row["initiator_daemon"] == "the console at 2001:db8::9"
    assert set(row) == set(build("flows", []).columns)
    assert len(row) == len(list(row))


def test_any_daemon_that_was_not_seen_stays_any() -> None:
    row = RowText(build("expectations", [{"initiator": "any console"}]).row(0))
    assert row["initiator"] == "any console"
