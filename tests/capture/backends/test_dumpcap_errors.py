"""Of what dumpcap writes only what says why it ended is told; see also test_dumpcap.py."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.capture.backends.dumpcap_errors import why_ended


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (
            "dumpcap: There is no device named x.",
            "There is no interface x: «ip link» lists them.",
        ),
        (
            "dumpcap: ioctl: No such device",
            "There is no interface x: «ip link» lists them.",
        ),
        # Of two meanings the surer one: an interface that was removed also went down.
        (
            "dumpcap: x went down\n(it is no longer attached)",
            "Interface x was removed: the recording ends here.",
        ),
        (
            "Capturing on 'x'\n 12 packets\ndumpcap: one\n  (two)\ndumpcap: three\n",
            "dumpcap ended on x: one (two)",
        ),
        ("Capturing on 'x'\nFile: -\n", "dumpcap ended on x and did not say why."),
        ("dumpcap: ", "dumpcap ended on x and did not say why."),
    ],
)
def test_the_sentence(text, sentence):
    assert why_ended(text, "x") == sentence


@pytest.mark.parametrize("text", ["dumpcap: Permission denied", "operation not permitted"])
def test_a_right_that_is_missing_is_told_with_the_way_to_grant_it(text):
    sentence = why_ended(text, "x")
    assert sentence.startswith("dumpcap may not capture on x: CAP_NET_RAW missing: run it as root")


@given(st.text(), st.text())
def test_whatever_it_writes_becomes_one_line_of_bounded_length(text, name):
    sentence = why_ended(f"dumpcap: {text}\x1b]0;", name)
    assert len(sentence.splitlines()) == 1
    assert "\x1b" not in sentence and len(sentence) < 500
