"""What is asked of the kernel when rights change, and in which order; no right is touched here."""

from __future__ import annotations

import ctypes
import errno
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.capture.rights import capset
from auditor.capture.rights.capabilities import Capability, Sets
from auditor.capture.rights.capset import (
    empty_ambient_set,
    empty_bounding_set,
    end_with_parent,
    forbid_new_privileges,
    passed_on,
    write_sets,
)

#: prctl(2)'s numbers, from linux/prctl.h and linux/securebits.h.
PDEATHSIG, CAPBSET_READ, CAPBSET_DROP, GET_SECUREBITS, SET_SECUREBITS = 1, 23, 24, 27, 28
NO_NEW_PRIVS, AMBIENT, AMBIENT_RAISE, AMBIENT_CLEAR_ALL = 38, 47, 2, 4
NO_SETUID_FIXUP = 4

RAW, BPF = Capability.CAP_NET_RAW, Capability.CAP_BPF


class Kernel:
    """A kernel that knows capabilities up to ``last``, and notes what it is asked for."""

    def __init__(self, last: int = 40, bounding: int = -1, refuses: tuple[int, ...] = ()) -> None:
        self.calls: list[tuple] = []
        self.securebits = 1
        self._last = last
        self._bounding = bounding
        self._refuses = refuses

    def prctl(self, *arguments: int) -> int:
        self.calls.append(arguments)
        what, number, *_ = arguments
        if arguments[: len(self._refuses)] == self._refuses != ():
            ctypes.set_errno(errno.EPERM)
            return -1
        if what == CAPBSET_READ:
            return -1 if number > self._last else self._bounding >> number & 1
        return self.securebits if what == GET_SECUREBITS else 0

    def capset(self, header, words) -> int:
        assert (header._obj.version, header._obj.pid) == (0x20080522, 0)
        low, high = words
        sets = (
            getattr(low, name) | getattr(high, name) << 32
            for name in ("effective", "permitted", "inheritable")
        )
        self.calls.append(("capset", *sets))
        if self._refuses == ("capset",):
            ctypes.set_errno(errno.EPERM)
            return -1
        return 0

    def __enter__(self) -> Kernel:
        self._patched = patch.multiple(capset, _prctl=self.prctl, _capset=self.capset)
        self._patched.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._patched.stop()


_MASK = st.integers(0, (1 << 64) - 1)


@given(_MASK, _MASK, _MASK)
def test_sets_of_64_bits_go_over_as_two_words_each(effective, permitted, inheritable):
    with Kernel() as kernel:
        write_sets(effective=effective, permitted=permitted, inheritable=inheritable)
    assert kernel.calls == [("capset", effective, permitted, inheritable)]


def test_what_the_kernel_refuses_is_raised_with_its_reason():
    with Kernel(refuses=("capset",)), pytest.raises(PermissionError, match="not permitted"):
        write_sets(effective=1, permitted=1, inheritable=0)


def test_the_bounding_set_is_emptied_up_to_the_last_capability_the_kernel_knows():
    with Kernel(last=40, bounding=1 << RAW | 1 << BPF | 1 << 40) as kernel:
        empty_bounding_set()
    read = [number for what, number, *_ in kernel.calls if what == CAPBSET_READ]
    dropped = [number for what, number, *_ in kernel.calls if what == CAPBSET_DROP]
    assert read == list(range(42)), "the first unknown one ends it"
    assert dropped == [RAW, BPF, 40], "none that is gone already"


def test_a_bounding_set_that_cannot_be_emptied_is_an_error():
    with Kernel(refuses=(CAPBSET_DROP,)) as kernel, pytest.raises(PermissionError):
        empty_bounding_set()
    assert len(kernel.calls) == 2, "it stopped there"


@pytest.mark.parametrize(
    ("action", "call"),
    [
        (empty_ambient_set, (AMBIENT, AMBIENT_CLEAR_ALL, 0, 0, 0)),
        (forbid_new_privileges, (NO_NEW_PRIVS, 1, 0, 0, 0)),
    ],
)
def test_one_call_each_and_its_refusal_is_an_error(action, call):
    with Kernel() as kernel:
        action()
    assert kernel.calls == [call]
    with Kernel(refuses=call[:1]), pytest.raises(PermissionError):
        action()


def test_ending_with_the_parent_is_a_wish_that_may_be_refused():
    """It is asked between fork and exec, where nothing could take an exception."""
    with Kernel(refuses=(PDEATHSIG,)) as kernel:
        end_with_parent(15)
    assert kernel.calls == [(PDEATHSIG, 15, 0, 0, 0)]


@pytest.fixture
def before(monkeypatch):
    """Hold some rights, one of them inheritable."""
    sets = Sets(inheritable=1 << 8, permitted=0xFF00, effective=0xF000, bounding=-1, ambient=0)
    monkeypatch.setattr(capset, "read_sets", lambda: sets)
    return sets


def _restored(sets: Sets, bits: int) -> list[tuple]:
    return [
        ("capset", sets.effective, sets.permitted, sets.inheritable),
        (SET_SECUREBITS, bits, 0, 0, 0),
    ]


def test_what_is_passed_on_becomes_inheritable_then_ambient_and_is_taken_back(before):
    with Kernel() as kernel, passed_on(iter([RAW, BPF])):
        kernel.calls.append(("program",))
    mask = 1 << RAW | 1 << BPF
    assert kernel.calls == [
        (GET_SECUREBITS, 0, 0, 0, 0),
        (SET_SECUREBITS, 1 | NO_SETUID_FIXUP, 0, 0, 0),
        ("capset", before.effective, before.permitted, before.inheritable | mask),
        (AMBIENT, AMBIENT_RAISE, RAW, 0, 0),
        (AMBIENT, AMBIENT_RAISE, BPF, 0, 0),
        ("program",),
        *_restored(before, 1),
    ]


def test_it_is_taken_back_when_the_program_does_not_start(before):
    with Kernel() as kernel, pytest.raises(FileNotFoundError), passed_on([RAW]):
        raise FileNotFoundError
    assert kernel.calls[-2:] == _restored(before, 1)


def test_it_is_taken_back_when_the_kernel_refuses_half_of_it(before):
    refusing = Kernel(refuses=(AMBIENT, AMBIENT_RAISE, BPF))
    with refusing as kernel, pytest.raises(PermissionError), passed_on([RAW, BPF]):
        pytest.fail("the program must not be started without what it needs")
    assert kernel.calls[-2:] == _restored(before, 1)
