"""Times in the reader's zone: named, with the date that it is there, also where clocks are set."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import pytest
from audits import recorded

from auditor.report import Format, RenderOptions, reporter
from auditor.report.terminal.reader_time import ReaderTime
from auditor.report.told.view import View

SUMMER, WINTER = "2027-07-15T22:30:00.000000000Z", "2027-01-15T08:00:00.999999999Z"
Zone = Callable[[str], None]


@pytest.fixture
def zone(monkeypatch: pytest.MonkeyPatch) -> Iterator[Zone]:
    def choose(name: str) -> None:
        monkeypatch.setenv("TZ", name)
        time.tzset()

    yield choose
    monkeypatch.undo()
    time.tzset()


@pytest.mark.parametrize("name", ["Europe/Berlin", "America/New_York", "UTC"])
def test_by_default_all_is_utc_wherever_one_is(name: str, zone: Zone) -> None:
    zone(name)
    times = ReaderTime(local=False)
    assert times.dated(SUMMER) == "2027-07-15 22:30:00 UTC"
    assert times.between(WINTER, SUMMER, "-") == "2027-01-15 08:00:00 - 2027-07-15 22:30:00 UTC"


@pytest.mark.parametrize(
    ("name", "summer", "winter"),
    [
        ("Europe/Berlin", "2027-07-16 00:30:00 CEST", "2027-01-15 09:00:00 CET"),
        ("America/New_York", "2027-07-15 18:30:00 EDT", "2027-01-15 03:00:00 EST"),
        ("Asia/Kathmandu", "2027-07-16 04:15:00 +0545", "2027-01-15 13:45:00 +0545"),
        ("UTC", "2027-07-15 22:30:00 UTC", "2027-01-15 08:00:00 UTC"),
    ],
)
def test_a_local_time_has_the_name_of_its_zone(
    name: str, summer: str, winter: str, zone: Zone
) -> None:
    zone(name)
    times = ReaderTime(local=True)
    assert (times.dated(SUMMER), times.dated(WINTER)) == (summer, winter)


def test_where_clocks_are_set_in_between_both_zones_are_named(zone: Zone) -> None:
    zone("Europe/Berlin")
    times = ReaderTime(local=True)
    before, after = "2027-03-28T00:59:59.000000000Z", "2027-03-28T01:00:01.000000000Z"
    assert times.between(before, after, "to") == "2027-03-28 01:59:59 CET to 03:00:01 CEST"


@pytest.mark.parametrize("local", [True, False])
def test_what_is_not_known_is_empty(local: bool) -> None:
    times = ReaderTime(local=local)
    assert (times.moment(None), times.dated(None), times.between(None, None, "-")) == ("", "", "")


@pytest.mark.parametrize("far", ["0001-01-01T00:00:00", "9999-12-31T23:59:59"])
def test_a_year_that_the_zone_has_not_stays_utc(far: str, zone: Zone) -> None:
    zone("Etc/GMT-14" if far[0] == "9" else "Etc/GMT+12")
    assert ReaderTime(local=True).dated(f"{far}.000000000Z").endswith(f"{far[11:]} UTC")


def test_the_date_is_left_out_where_there_is_but_one_in_that_zone(zone: Zone) -> None:
    audit = recorded("trouble")
    view = View(audit)
    first = audit.flows["started"].min().isoformat()
    zone("Asia/Kathmandu")  # where the day changes within no minute of the recording
    assert len(ReaderTime(local=True).moment(first, view)) == len("04:21:11")
    zone("Etc/GMT-2")
    assert ReaderTime(local=False).moment(first, view) == ReaderTime(local=False).moment(first)[11:]


def test_the_report_for_people_names_the_zone_and_no_other_format_has_it(zone: Zone) -> None:
    zone("Europe/Berlin")
    audit = recorded("trouble")
    local, plain = RenderOptions(local_time=True), RenderOptions()
    shown = reporter(Format.TABLE, local).audit(audit)
    assert " CET\n" in shown and " UTC\n" not in shown
    assert " UTC\n" in reporter(Format.TABLE, plain).audit(audit)
    for format_ in (Format.JSON, Format.CSV):
        assert reporter(format_, local).audit(audit) == reporter(format_, plain).audit(audit)
