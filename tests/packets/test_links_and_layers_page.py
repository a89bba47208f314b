"""The page of what is read has a row for every link type and for every UDP port of a tunnel."""

from __future__ import annotations

import re

from paths import ROOT

from auditor.packets.decode_as import STANDARD_PORTS, TUNNELS
from auditor.packets.link_types import LINK_TYPES

PAGE = (ROOT / "docs/links-and-layers.md").read_text(encoding="utf-8")


def test_every_link_type_has_its_row_and_no_other_has() -> None:
    rows = re.findall(r"^\| ([0-9]+) \| ([^`|]+) \|", PAGE, re.MULTILINE)
    assert {int(number): name for number, name in rows} == {
        number: layout.name for number, layout in LINK_TYPES.items()
    }


def test_every_port_of_a_standard_and_every_name_has_its_row() -> None:
    rows = re.findall(r"^\| ([0-9]+|any other) \| `([a-z0-9_.]+)` \|", PAGE, re.MULTILINE)
    assert {int(port): TUNNELS[name] for port, name in rows if port.isdigit()} == STANDARD_PORTS
    assert {name for _, name in rows} == set(TUNNELS)
