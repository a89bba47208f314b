"""Which capabilities a thread has, as the kernel writes it in /proc."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.capture.rights import capabilities
from auditor.capture.rights.capabilities import (
    Capability,
    Sets,
    held,
    how_to_grant,
    missing,
    read_sets,
)

RAW, BPF, PERFMON = Capability.CAP_NET_RAW, Capability.CAP_BPF, Capability.CAP_PERFMON
#: What proc_pid_status(5) shows of a thread; its name may contain anything but a newline.
STATUS = """Name:\tcap:\xff
Uid:\t0\t0\t0\t0
CapInh:\t{:016x}
CapPrm:\t{:016x}
CapEff:\t{:016x}
CapBnd:\t{:016x}
CapAmb:\t{:016x}
NoNewPrivs:\t0
"""


@pytest.fixture
def holding(monkeypatch, tmp_path):
    """Return what makes the thread hold some sets, as far as /proc says."""
    asked: list[str] = []

    def path(name: str) -> Path:
        asked.append(name)
        return tmp_path / "status"

    def hold(*sets: int) -> list[str]:
        (tmp_path / "status").write_text(STATUS.format(*sets), encoding="latin-1")
        return asked

    monkeypatch.setattr(capabilities, "Path", path)
    return hold


def test_every_set_is_read_in_its_own_place(holding):
    asked = holding(1 << 1, 1 << 2, 1 << 39, 1 << 40, 1 << 5)
    expected = Sets(
        inheritable=1 << 1, permitted=1 << 2, effective=1 << 39, bounding=1 << 40, ambient=1 << 5
    )
    assert read_sets() == read_sets("self/task/7") == expected
    assert asked == ["/proc/thread-self/status", "/proc/self/task/7/status"]


def test_only_what_is_effective_may_be_used_now(holding):
    holding(1 << BPF, 1 << BPF | 1 << RAW, 1 << RAW, 1 << BPF, 1 << BPF)
    assert held(RAW)
    assert not held(BPF)


def test_what_is_missing_is_named_in_the_order_of_the_need(holding):
    holding(0, 0, 1 << RAW, 0, 0)
    assert missing([PERFMON, RAW, BPF]) == (PERFMON, BPF)
    assert missing([RAW]) == missing([]) == ()


@given(st.integers(0, (1 << 41) - 1))
def test_whatever_is_effective_is_held_and_all_the_rest_is_missing(effective):
    mask = Sets(0, 0, effective, 0, 0)
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setattr(capabilities, "read_sets", lambda: mask)
        lacking = missing(Capability)
    assert effective & sum(1 << one for one in Capability) == sum(
        1 << one for one in Capability if one not in lacking
    )


@pytest.mark.parametrize(
    ("lacking", "begins"),
    [
        ([RAW], "CAP_NET_RAW missing: run it as root"),
        (iter([RAW, BPF, PERFMON]), "CAP_NET_RAW and CAP_BPF and CAP_PERFMON missing: run it"),
    ],
)
def test_how_to_grant_begins_with_what_is_missing(lacking, begins):
    assert how_to_grant(lacking).startswith(begins)
