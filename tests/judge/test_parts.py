"""A part of the configuration says less than the whole, and never something else.

Every recording is audited with each host's tree alone, each pair, all but one, and every single
file. A wrong name, number, interval or fail is an offence, and so is a true finding that is lost
when a file is added.
"""

from __future__ import annotations

from collections import Counter

import pytest
from parts import HOSTS, SWITCHES, Part, Tap, files, kept, offences, trees, truth


def only(recording: str) -> Tap:
    (tap,) = (tap for tap in SWITCHES if tap.recording == recording)
    return tap


def hosts(tap: Tap) -> list[Part]:
    return [part for part in trees(tap) if len(part.paths) == 1]


@pytest.mark.parametrize("recording", ["modes", "cleartext", "trouble", "self-copy"])
def test_one_hosts_files_say_nothing_that_is_not_so(recording: str) -> None:
    tap = only(recording)
    whole = Part("all", (tap.config,))
    assert offences(tap, [*hosts(tap), whole]) == []


@pytest.mark.slow
@pytest.mark.parametrize("tap", [*SWITCHES, *HOSTS], ids="/".join)
def test_no_part_of_a_configuration_says_anything_that_is_not_so(tap: Tap) -> None:
    found = offences(tap, [*trees(tap), *files(tap), Part("all", (tap.config,))])
    assert not found, (Counter(one.kind for one in found), found[:5])


@pytest.mark.parametrize(
    ("recording", "host", "right"),
    [
        ("modes", "dir", 45),
        ("modes", "sd1", 34),
        ("modes", "fd3", 34),
        ("cleartext", "dir", 38),
        ("heartbeat", "dir", 24),
        ("refusals", "dir", 16),
    ],
)
def test_one_hosts_files_are_enough_for_most_numbers(recording: str, host: str, right: int) -> None:
    """Saying nothing would be no offence."""
    tap = only(recording)
    (part,) = (part for part in hosts(tap) if part.name == host)
    assert kept(tap, part) >= right
    assert kept(tap, Part("all", (tap.config,))) == len(truth(tap))
