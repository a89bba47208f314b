"""Live lines: told once, told calmly, and at bounded cost."""

from __future__ import annotations

import io
import time
from contextlib import redirect_stderr
from dataclasses import dataclass, field
from typing import Any

import pytest

from auditor.cli.live_lines import MOST_LINES, Lines
from auditor.cli.watch import Watch, show_on_stderr
from auditor.judge.tables.table import build
from auditor.pipeline.live import Seen

START = 1_800_000_000_000_000_000
SECOND = 1_000_000_000


def seen(port: int = 40000, *, fails: tuple[str, ...] = (), **changes: Any) -> Seen:
    usual = {
        "initiator_address": "192.0.2.1",
        "initiator_port": port,
        "initiator_daemon": "director dir",
        "acceptor_address": "192.0.2.2",
        "acceptor_port": 9103,
        "acceptor_daemon": "storage daemon sd1",
        "started": START,
        "ended": None,
        "connection": "5a",
        "outcome": "established",
        "transport": "tls",
        "tls_version": "1.3",
        "identity_type": "R_DIRECTOR",
        "identity_name": "dir",
        "heartbeat_expected_s": 60,
        "heartbeat_due": "60 s",
    }
    return Seen(build("flows", [usual | changes]).row(0), fails, ())


def news(*flows: Seen, after: float = 0.5) -> list[str]:
    return list(Lines().news(flows, START + round(after * SECOND)))


def test_a_line_says_who_dialled_whom_and_how_it_went() -> None:
    (line,) = news(seen())
    ends = "08:00:00  5a dir → sd1  192.0.2.2:9103"
    assert line == f"{ends}  established  TLS 1.3  dir  heartbeat 60 s due  pass"


def test_a_line_can_have_the_time_of_this_machine_s_zone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Asia/Kathmandu")
    (line,) = Lines(local_time=True).news([seen()], START + SECOND)
    assert line.startswith("13:45:00  5a ")
    (line,) = Lines().news([seen()], START + SECOND)
    assert line.startswith("08:00:00  5a ")
    monkeypatch.undo()
    time.tzset()


_ON = {"socket_side": "initiator", "socket_keepalive": "on"}


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        (_ON | {"socket_idle_s": 7200.0}, "heartbeat 7200 s (system)"),
        (_ON | {"socket_keepalive": "off"}, "keepalive off"),
        ({"heartbeat_observed_s": 60.2}, "heartbeat 60.2 s seen"),
        ({"socket_side": "acceptor", "socket_keepalive": "off"}, "heartbeat 60 s due"),
        ({"acceptor_address": "2001:db8::2"}, "[2001:db8::2]:9103"),
        ({"connection": None, "identity_type": None, "ended": START}, "  -  "),
    ],
)
def test_a_line_says_the_surest_it_knows(changes: dict[str, Any], words: str) -> None:
    (line,) = news(seen(**changes))
    assert words in line


def test_a_connection_that_has_not_spoken_is_given_a_moment() -> None:
    mute = seen(identity_type=None, identity_name=None, transport="unknown")
    assert news(mute, after=1.9) == []
    assert len(news(mute, after=2.1)) == 1


def test_nothing_is_told_twice_and_a_change_is_told() -> None:
    lines = Lines()
    assert len(list(lines.news([seen()], START))) == 1
    assert list(lines.news([seen()], START)) == []
    (line,) = lines.news([seen(fails=("heartbeat-missing", "x"))], START)
    assert line.endswith("FAIL heartbeat-missing, x")


def test_too_many_are_counted_and_those_that_fail_come_first() -> None:
    flows = [seen(port) for port in range(1000, 1100)]
    told = news(*flows, seen(2000, fails=("bad",)))
    assert len(told) == MOST_LINES + 1
    assert told[0].endswith("FAIL bad")
    assert told[-1] == f"… and {101 - MOST_LINES} more connections"


def test_a_hostile_name_cannot_move_the_cursor() -> None:
    (line,) = news(seen(identity_name="a\x1b[2J\nb"))
    assert line.isprintable()


@dataclass
class Clock:
    now: float = 100.0

    def __call__(self) -> float:
        return self.now


@dataclass
class Live:
    clock: Clock
    cost: float = 0.0
    looks: list[float] = field(default_factory=list)
    flows: list[Seen] = field(default_factory=list)

    def feed(self, blocks: bytes) -> bool:
        return blocks != b"statistics"

    def look(self, until: int) -> list[Seen]:
        assert until > 0
        self.looks.append(self.clock.now)
        self.clock.now += self.cost
        return self.flows


def watched(cost: float = 0.0) -> tuple[Watch, Live, list[str]]:
    clock, told = Clock(), list[str]()
    live = Live(clock, cost)
    watch = Watch(live, told.append, clock, lambda: START)  # type: ignore[arg-type]
    return watch, live, told


def ticks(watch: Watch, live: Live, seconds: float, blocks: bytes = b"") -> list[float]:
    until = live.clock.now + seconds
    while live.clock.now < until:
        if blocks:
            watch.written(blocks)
        watch.tick()
        live.clock.now += 0.1
    return live.looks


def test_while_segments_come_it_looks_twice_a_second() -> None:
    watch, live, _ = watched()
    assert 15 <= len(ticks(watch, live, 10, b"segments")) <= 21


@pytest.mark.parametrize("blocks", [b"", b"statistics"])
def test_while_none_comes_it_looks_now_and_then(blocks: bytes) -> None:
    watch, live, _ = watched()
    assert 5 <= len(ticks(watch, live, 60, blocks)) <= 6


def test_looks_that_cost_much_are_rare() -> None:
    watch, live, _ = watched(cost=1.0)
    assert len(ticks(watch, live, 60, b"segments")) <= 7


def test_what_a_look_finds_is_told() -> None:
    watch, live, told = watched()
    live.flows.append(seen(started=START - 9 * SECOND))
    ticks(watch, live, 2, b"segments")
    assert len(told) == 1


def test_quiet_never_looks() -> None:
    live = Live(Clock())
    watch = Watch(live, None, live.clock, lambda: START)  # type: ignore[arg-type]
    watch.written(b"segments")
    ticks(watch, live, 30)
    watch.look()
    assert live.looks == []


def test_a_line_is_there_at_once() -> None:
    class Stream(io.StringIO):
        flushed = 0

        def flush(self) -> None:
            self.flushed += 1

    stream = Stream()
    with redirect_stderr(stream):
        show_on_stderr("a line")
    assert (stream.getvalue(), stream.flushed) == ("a line\n", 1)


class Full(io.StringIO):
    def write(self, _text: str) -> int:
        raise OSError(28, "No space left on device")


def test_a_recording_goes_on_although_nobody_watches() -> None:
    closed = io.StringIO()
    closed.close()
    for stream in (Full(), closed):
        with redirect_stderr(stream):
            show_on_stderr("a line")
