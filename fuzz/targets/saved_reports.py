"""JSON reports that are read back, as anybody may have changed them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from copy import deepcopy
from functools import cache
from typing import Any

from auditor.report.formats import Format, reporter
from auditor.report.json_reader import parse_report
from fuzz.conversation import Conversation, pcap
from fuzz.draws import Draws
from fuzz.promises import assert_renders, one_sentence
from fuzz.targets import conversations

#: What may stand in the place of a value.
_OTHERS: tuple[Any, ...] = (
    None, True, -1, 0, 1 << 70, 1e308, "", "fail", "=1+1", "\x1b[31m\u202e", "x" * 5000,
    "2027-01-15T08:00:00.123456789Z", [], ["f1", "\x00"], [[]], {}, {"type": "R_CLIENT"},
)  # fmt: skip


def check(data: bytes) -> None:
    """Read a document with some values exchanged, and the bytes themselves; render what is read."""
    draws = Draws(data)
    document = json.loads(_saved()[draws.number() & 1])
    for _ in range(1 + draws.number() % 3):
        _exchange(document, draws)
    for text in (json.dumps(document).encode(), draws.take(len(data))):
        with one_sentence():
            assert_renders(parse_report(text, "report.json"))


def _exchange(value: Any, draws: Draws) -> None:
    """Go down from a value, and put another one where the way ends."""
    for _ in range(12):
        if not isinstance(value, dict | list) or not value:
            return
        keys = list(value) if isinstance(value, dict) else range(len(value))
        key = keys[draws.number() % len(keys)]
        inside = value[key]
        if not isinstance(inside, dict | list) or not inside or draws.number() % 5 == 0:
            value[key] = deepcopy(_OTHERS[draws.number() % len(_OTHERS)])
            return
        value = inside


@cache
def _saved() -> tuple[str, str]:
    """Return reports of one conversation, without and with a configuration."""
    capture = pcap(Conversation().frames(Draws(bytes(range(256)))))
    without, with_one = (
        reporter(Format.JSON).audit(conversations.audited(capture, network))
        for network in conversations.networks()
    )
    return without, with_one


def seeds() -> Iterator[bytes]:
    """Yield ways into the document, and small documents."""
    yield from (bytes([number, *range(number, number + 40)]) for number in range(0, 200, 40))
    yield b'{"schema": "bareos-audit/1", "basis": {}}'
    yield b'{"schema": "bareos-check/1", "basis": null, "findings": [1e999]}'
