"""Address and port as one word."""

from __future__ import annotations

import pytest

from auditor.text.endpoint_text import endpoint_from_text, endpoint_to_text


@pytest.mark.parametrize("end", [("10.0.0.31", 9102), ("2001:db8::1", 0), ("::", 65535)])
def test_there_and_back(end: tuple[str, int]) -> None:
    assert endpoint_from_text(endpoint_to_text(*end)) == end


def test_addresses_get_their_usual_spelling() -> None:
    assert endpoint_from_text("[2001:0db8:0::0001]:9102") == ("2001:db8::1", 9102)


@pytest.mark.parametrize("text", ["10.0.0:1", "10.0.0.1:65536", "[::g]:1", ":1"])
def test_what_is_none(text: str) -> None:
    assert endpoint_from_text(text) is None
