"""Names of link types that are not decoded."""

from __future__ import annotations

from auditor.packets.link_names import LINK_NAMES


def test_each_is_a_word_that_a_report_can_show_and_none_is_of_ethernet() -> None:
    assert all(
        name.isascii() and name.isprintable() and "(" not in name for name in LINK_NAMES.values()
    )
    assert not {0, 1, 101, 113, 228, 229, 276} & set(LINK_NAMES)
