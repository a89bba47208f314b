"""A socket fact survives as a line of text, and no other text is taken for one."""

from __future__ import annotations

from dataclasses import replace

import pytest
from capture_stage import fact
from hypothesis import given
from hypothesis import strategies as st

from auditor.packets.pcapng_comments import (
    MAX_PROCESS,
    SocketFact,
    fact_from_comment,
    facts_to_comment,
    layer_from_comment,
    layer_to_comment,
)
from auditor.text import printable

_ENDS = st.tuples(st.ip_addresses().map(str), st.integers(0, 65535))
_SECONDS = st.integers(0, 10**9).map(lambda milliseconds: milliseconds / 1000)
_NAMES = st.text(max_size=MAX_PROCESS).filter(lambda name: printable(name, MAX_PROCESS) == name)
_STATES = st.sampled_from(["SYN-SENT", "ESTABLISHED", "FIN-WAIT-1", "CLOSE"])
_FACTS = st.builds(
    SocketFact,
    time=st.integers(0, (1 << 63) - 1),
    local=_ENDS,
    remote=_ENDS,
    state=_STATES,
    keepalive=st.booleans(),
    idle_s=_SECONDS,
    interval_s=_SECONDS,
    count=st.integers(0, 2**31 - 1),
    own_timers=st.booleans(),
    pid=st.integers(0, 2**31 - 1),
    process=_NAMES,
    heard_s=st.none() | _SECONDS,
)


@given(_FACTS)
def test_every_fact_comes_back_from_its_comment(original):
    assert fact_from_comment(facts_to_comment(original)) == original


@given(st.text())
def test_any_text_is_either_no_fact_or_one_that_can_be_written(text):
    found = fact_from_comment(text)
    assert found is None or fact_from_comment(facts_to_comment(found)) == found


@given(_FACTS, st.data())
def test_a_line_that_was_damaged_never_raises(original, data):
    line = facts_to_comment(original)
    at = data.draw(st.integers(0, len(line) - 1))
    damaged = line[:at] + data.draw(st.text(max_size=3)) + line[at + 1 :]
    found = fact_from_comment(damaged)
    assert found is None or isinstance(found, SocketFact)


def test_the_line_reads_as_documented():
    assert facts_to_comment(fact(heard_s=12.5, remote=("2001:db8::1", 9103))) == (
        "bareos-audit socket local=10.0.0.31:40000 remote=[2001:db8::1]:9103 state=SYN-SENT"
        ' pid=711 process="bareos-fd" keepalive=on idle=60 interval=60 count=9 own=yes'
        " heard=12.5 time=1800000000000000000"
    )


@pytest.mark.parametrize(
    "line",
    [
        "",
        "bareos-audit socket",
        facts_to_comment(fact()) + " and=more",
        facts_to_comment(fact()) + "\n",
        " " + facts_to_comment(fact()),
        facts_to_comment(fact()).replace(":9103", ":99999"),
        facts_to_comment(fact()).replace("10.0.0.20", "10.0.0.256"),
        facts_to_comment(fact()).replace("idle=60", "idle=-60"),
        facts_to_comment(fact()).replace("idle=60", "idle=6e1"),
        facts_to_comment(fact()).replace("pid=711", "pid=٧١١"),
        facts_to_comment(fact()).replace("bareos-fd", "bareos\x1b[2Jfd"),
        facts_to_comment(fact()).replace("bareos-fd", 'bareos" keepalive=off "fd'),
        facts_to_comment(fact()).replace("time=1", "time=9"),
        facts_to_comment(fact()).replace("bareos-fd", "x" * 600),
    ],
)
def test_anything_but_exactly_such_a_line_is_refused(line):
    assert fact_from_comment(line) is None


def test_a_process_cannot_smuggle_another_field_into_its_line():
    sly = fact(process='x" keepalive=off idle=1')
    assert fact_from_comment(facts_to_comment(sly)) == sly


def test_a_process_cannot_send_control_codes_to_a_terminal():
    line = facts_to_comment(fact(process="a\x1b[2J\nb"))
    assert "\x1b" not in line and "\n" not in line
    assert fact_from_comment(line) == replace(fact(), process="a?[2J?b")


def test_seconds_that_are_no_number_do_not_break_the_line():
    assert fact_from_comment(facts_to_comment(fact(idle_s=float("inf")))) == fact(idle_s=0.0)


def test_a_layer_that_could_not_be_decoded_comes_back_from_its_comment() -> None:
    assert layer_from_comment(layer_to_comment(12, "link type 189 (USB)")) == (
        *(12, "link type 189 (USB)"),
    )


@pytest.mark.parametrize("text", ["0 x", "-1 x", "x 1", "1", "1 ", "1 " + "x" * 81, "1 \u0663"])
def test_any_other_text_is_no_such_layer(text: str) -> None:
    assert layer_from_comment(f"bareos-audit layer {text}") is None
