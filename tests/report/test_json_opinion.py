"""A second opinion in the JSON report, and back."""

from __future__ import annotations

import json
from typing import Any

import pytest

from auditor.opinion import Agreement, Difference, Opinion
from auditor.report.json_opinion import opinion_object, read_opinion

ONE = Opinion(
    program="TShark 4",
    agreements=(Agreement("SYNs", 3, 2, 2),),
    differences=(
        Difference("SYNs", True, "a.pcap", None, None, "a → b", ""),
        Difference("SYNs", False, "a.pcap", 7, 1_800_000_000_000_000_001, "a → b", "because"),
    ),
    more=4,
    incomplete="it gave up",
)


@pytest.mark.parametrize("opinion", [None, ONE, Opinion("x", (), ())])
def test_it_reads_back(opinion: Opinion | None) -> None:
    assert read_opinion(json.loads(json.dumps(opinion_object(opinion)))) == opinion


@pytest.mark.parametrize(
    "change",
    [
        {"program": None},
        {"more": -1},
        {"more": True},
        {"agreements": [{"what": "SYNs", "ours": "3", "theirs": 1, "both": 1}]},
        {"differences": [{}]},
        {"differences": 5},
    ],
)
def test_what_is_none_is_refused(change: Any) -> None:
    document = {**(opinion_object(ONE) or {}), **change}
    with pytest.raises((ValueError, KeyError, TypeError)):
        read_opinion(document)


def test_who_sees_it_must_be_told() -> None:
    document = opinion_object(ONE) or {}
    document["differences"][0]["ours"] = 1
    with pytest.raises(ValueError, match="who sees it"):
        read_opinion(document)
