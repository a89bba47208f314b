"""Names of ICMP errors, and what follows from them."""

from __future__ import annotations

import pytest

from auditor.flows.icmp_names import icmp_name


@pytest.mark.parametrize(
    ("version", "kind", "code", "name"),
    [
        (4, 3, 10, "host administratively prohibited"),
        (4, 3, 4, "fragmentation needed"),
        (6, 1, 1, "administratively prohibited"),
        (6, 2, 0, "packet too big"),
        (4, 3, 99, "destination unreachable"),
        (6, 1, 99, "destination unreachable"),
        (4, 42, 0, "an error"),
    ],
)
def test_a_type_and_code_have_a_name(version: int, kind: int, code: int, name: str) -> None:
    assert icmp_name(version, kind, code).name == name


def test_only_what_ends_a_connection_has_a_meaning() -> None:
    assert icmp_name(4, 3, 4).meaning == icmp_name(6, 2, 0).meaning == ""
    assert "firewall" in icmp_name(4, 3, 13).meaning
    assert "way ends" in icmp_name(6, 1, 0).meaning
