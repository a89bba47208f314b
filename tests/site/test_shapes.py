"""Every mistake in a site file is told with its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from auditor.errors import SiteFileError
from auditor.site.shapes import Shapes
from auditor.site.site_file import read_site_file

WHOLE = """\
# the site
hosts:
  backup1: [192.0.2.10,
            192.0.2.11]
daemons:
  director dir:
    addresses: 198.51.100.7
keepalive:
  idle: 600
  interval: 60
idle_limit:
  all: 60m
  4: never
  10.1.0.0/16 10.2.0.0/16: 5m
same_network:
  - [VLAN 10, no VLAN]
  - - VLAN 7 VNI 5001
    - network 0x8a31
waivers:
  - rule: heartbeat-unset
    until: 2027-03-31
    reason: known
  - {network: 10.9.0.0/24, until: 2027-03-31,
     reason: lab}
"""


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("hosts:", "host:", 2),
        ("192.0.2.11", "192.0.2.999", 4),
        ("[192.0.2.10,", "[backup, ", 3),
        ("  backup1: ", "  5: ", 3),
        ("director dir:", "dir:", 6),
        ("addresses: 198.51.100.7", "addresses: ", 7),
        ("addresses: 198.51.100.7", "address: 198.51.100.7", 7),
        ("addresses: 198.51.100.7", "addresses: fd1", 7),
        ("idle: 600", "idle: 0", 9),
        ("interval: 60", "interval: 1 h", 10),
        ("interval: 60", "probes: 60", 10),
        ("all: 60m", "all: soon", 12),
        ("4: never", "4: nevr", 13),
        ("10.2.0.0/16", "10.2.0.0/99", 14),
        ("until: 2027-03-31\n    reason", "until: 2027-03-41\n    reason", 21),
        ("until: 2027-03-31\n    reason", "until: soon\n    reason", 21),
        ("reason: known", "why: known", 22),
        ("reason: known", "reason: [known]", 22),
        ("    reason: known\n", "", 20),
        ("10.9.0.0/24", "10.9.0.0/240", 23),
        ("[VLAN 10, no VLAN]", "VLAN 10", 16),
        ("no VLAN", "VLAN 4096", 16),
        ("- network 0x8a31", "- 8a31", 18),
        ("    - network 0x8a31\n", "", 17),
        ("reason: lab", "reason: ", 24),
        ("reason: lab", "reason: lab, connection: 13", 24),
        ("reason: lab", "reason: lab, address: x", 24),
        ("  idle: 600", "  idle: 600\n  idle: 600", 10),
    ],
)
def test_the_line_is_that_of_what_is_wrong(old: str, new: str, line: int, tmp_path: Path) -> None:
    path = tmp_path / "site.yaml"
    path.write_text(WHOLE)
    assert read_site_file(path).waivers[1].source == (str(path), 23)
    assert WHOLE.count(old) == 1
    path.write_text(WHOLE.replace(old, new))
    with pytest.raises(SiteFileError) as refused:
        read_site_file(path)
    assert refused.value.line == line
    assert str(refused.value).startswith(f"{path}:{line}: ")


def test_what_has_no_line_has_that_of_what_it_is_in(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text("\na:\n  - b: c\n")
    shapes = Shapes(path)
    assert shapes.content == {"a": [{"b": "c"}]}
    places = ((), ("a",), ("a", 0), ("a", 0, "b"), ("a", 0, "gone", "deeper"), ("a", 7), ("z",))
    assert [shapes.line(place) for place in places] == [2, 2, 3, 3, 3, 2, 2]
    path.write_text("")
    assert Shapes(path).line(("a",)) == 0


def test_keys_that_mean_the_same_have_the_line_of_what_they_are_in(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text("a:\n  1: x\n  1.0: y\n")
    assert Shapes(path).line(("a", 1)) == 1
