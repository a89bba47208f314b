"""Findings as cards: cause, evidence, place and remedy, each once."""

from __future__ import annotations

from audits import FINDING, FLOW, made, recorded
from pages import page_of

from auditor.judge.verdicts import Verdict
from auditor.report.html.cards import fail_cards, other_cards
from auditor.report.told.view import View

WAIVED = {**FINDING, "waived": "known", "message": "waived one"}


def test_the_worst_comes_first_with_all_that_belongs_to_it() -> None:
    first, second = fail_cards(View(recorded("trouble")), waived=False)
    assert (first["severity"], first["rule"]) == ("high", "unknown-initiator")
    assert (second["severity"], second["numbers"]) == ("medium", ["3", "5a"])
    assert first["remedy"].startswith("Find out what the host is.")
    assert first["places"] == []
    quote = first["quotes"][0]
    assert quote.file == "dir/etc/bareos-dir.d/storage/sd1.conf"
    assert [(line.number, line.decisive) for line in quote.lines] == [
        (1, True),
        (2, False),
        (3, False),
    ]
    (told,) = first["happened"]
    assert len(told["flows"]) == 5
    assert told["flows"][0]["from"] == "10.77.0.66:44482"
    assert told["filter"].count("10.77.0.66") == 5


def test_what_is_waived_is_apart() -> None:
    view = View(made(flows=[FLOW], findings=[FINDING, WAIVED]))
    assert [card["remedy"] for card in fail_cards(view, waived=True)] in ([""], [])
    audit = made(flows=[FLOW], findings=[WAIVED])
    (card,) = fail_cards(View(audit), waived=True)
    assert (card["happened"][0]["waived"], card["remedy"]) == ("known", "")
    assert fail_cards(View(audit), waived=False) == []


def test_what_is_undecided_and_what_is_good_to_know_have_a_card_a_rule() -> None:
    unknown = [{**FINDING, "verdict": "unknown", "message": f"m{n}"} for n in range(3)]
    note = {**FINDING, "rule": "heartbeat-unset", "verdict": "note", "severity": "info"}
    view = View(made(flows=[FLOW], findings=[*unknown, note]))
    (card,) = other_cards(view, Verdict.UNKNOWN)
    assert [group["count"] for group in card["happened"]] == [3]
    assert other_cards(view, Verdict.NOTE) == []  # a statement of the first screen says it


def test_evidence_is_told_by_column() -> None:
    row = {**FINDING, "evidence": ["rtt_ms=3.5", "x y=z", "hello=a=b"]}
    (card,) = fail_cards(View(made(flows=[FLOW], findings=[row])), waived=False)
    assert card["happened"][0]["evidence"] == [("rtt_ms", "3.5"), ("", "x y=z"), ("hello", "a=b")]


def test_of_very_many_the_page_says_how_many_are_left() -> None:
    many = [
        {**FINDING, "flow": "", "message": f"what {'x' * n}", "remedy": "Do it."} for n in range(60)
    ]
    (card,) = fail_cards(View(made(findings=many)), waived=False)
    assert (len(card["happened"]), card["more"]) == (25, 35)
    causes = [{**one, "remedy": f"Do {n}."} for n, one in enumerate(many * 5)]
    text = page_of(made(findings=causes)).text
    assert "and 100 more causes; the JSON report has each." in text


def test_the_capture_is_named_where_there_are_several() -> None:
    captures = [{"name": "a.pcap"}, {"name": "b.pcap"}]
    (card,) = fail_cards(View(made(flows=[FLOW], findings=[FINDING], captures=captures)),
                         waived=False)  # fmt: skip
    assert card["happened"][0]["captures"] == ["a.pcap"]
    (card,) = fail_cards(View(made(flows=[FLOW], findings=[FINDING])), waived=False)
    assert card["happened"][0]["captures"] == []
