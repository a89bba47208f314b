"""The filter as the kernel would run it: what it says to each system call, on both machines."""

from __future__ import annotations

import ctypes
import errno
import os
import struct

import pytest

from auditor.capture.rights import seccomp, syscalls

_ONE = struct.Struct("=HBBI")
_ALLOWED, _REFUSED, _MISSING = 0x7FFF0000, 0x00050000 | errno.EPERM, 0x00050000 | errno.ENOSYS
_CHILD, _OURS = 4711, os.getpid()


class Kernel:
    """Takes a filter as seccomp(2) does."""

    def __init__(self, result: int = 0) -> None:
        self.result = result
        self.code = b""
        self.asked: list[tuple[int, ...]] = []

    def syscall(self, number: int, *arguments: object) -> int:
        plain = tuple(one for one in arguments if isinstance(one, int))
        self.asked.append((number, *plain))
        given = arguments[-1]._obj  # type: ignore[attr-defined]
        if isinstance(given, seccomp._Program):
            place = ctypes.addressof(given) + seccomp._Program.filter.offset
            address = ctypes.c_void_p.from_address(place).value
            assert address is not None
            self.code = ctypes.string_at(address, given.length * _ONE.size)
        ctypes.set_errno(errno.EINVAL)
        return self.result


@pytest.fixture(params=["x86_64", "aarch64"])
def machine(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr("platform.machine", lambda: request.param)
    return str(request.param)


def installed(monkeypatch: pytest.MonkeyPatch, *, new_files: bool) -> bytes:
    kernel = Kernel()
    monkeypatch.setattr(seccomp, "_libc", kernel)
    seccomp.allow_recording([_CHILD], new_files=new_files)
    return kernel.code


def answer(code: bytes, architecture: int, number: int, *arguments: int) -> int:
    """Run a filter of classic BPF on struct seccomp_data."""
    padded = (*arguments, *[0] * (6 - len(arguments)))
    data = struct.pack("=IIQ6Q", number & 0xFFFFFFFF, architecture, 0, *padded)
    program = [_ONE.unpack_from(code, at) for at in range(0, len(code), _ONE.size)]
    held = place = 0
    while True:
        kind, equal, other, value = program[place]
        place += 1
        if kind == 0x20:
            (held,) = struct.unpack_from("=I", data, value)
        elif kind == 0x54:
            held &= value
        elif kind == 0x15:
            place += equal if held == value else other
        else:
            assert kind == 0x06
            return int(value)


def test_what_is_listed_is_allowed_and_nothing_else(
    machine: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = installed(monkeypatch, new_files=True)
    architecture, column = syscalls.MACHINES[machine]
    listed = {numbers[column] for numbers in syscalls.FREE.values()} - {syscalls.NONE}
    checked = {numbers[column] for numbers in syscalls.CHECKED.values()}
    for number in set(range(600)) - checked:
        expected = _ALLOWED if number in listed else _REFUSED
        expected = _MISSING if number == syscalls.CLONE3[column] else expected
        assert answer(code, architecture, number) == expected, number


@pytest.mark.usefixtures("machine")
def test_a_call_of_another_architecture_is_refused_whatever_it_is(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    code = installed(monkeypatch, new_files=True)
    for number in range(600):
        assert answer(code, 0x40000003, number) == _REFUSED


@pytest.mark.parametrize(
    ("name", "arguments", "allowed"),
    [
        ("mmap", (0, 4096, 3), True),
        ("mmap", (0, 4096, 7), False),
        ("mprotect", (0, 4096, 4), False),
        ("mprotect", (0, 4096, 1), True),
        ("clone", (0x10F00,), True),
        ("clone", (0x11,), False),
        ("kill", (_CHILD,), True),
        ("kill", (1,), False),
        ("tgkill", (_OURS,), True),
        ("tgkill", (_CHILD,), False),
        ("bpf", (1,), True),
        ("bpf", (5,), False),
        ("setsockopt", (3, 263, 5), True),
        ("setsockopt", (3, 263, 18), False),
        ("setsockopt", (3, 1, 5), False),
        ("prlimit64", (0, 7, 0), True),
        ("prlimit64", (0, 7, 1 << 20), False),
        ("prlimit64", (_CHILD, 7, 0), False),
        ("ioctl", (1, 0x5413), True),
        ("ioctl", (1, 0x5412), False),
    ],
)
def test_some_calls_are_allowed_with_certain_arguments_only(
    machine: str,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    arguments: tuple[int, ...],
    allowed: bool,
) -> None:
    code = installed(monkeypatch, new_files=True)
    architecture, column = syscalls.MACHINES[machine]
    found = answer(code, architecture, syscalls.CHECKED[name][column], *arguments)
    assert found == (_ALLOWED if allowed else _REFUSED)


@pytest.mark.parametrize("flags", [0o1, 0o2, 0o100, 0o1000, 0o2001])
@pytest.mark.parametrize("new_files", [True, False])
def test_files_are_opened_to_be_changed_only_where_some_are_made(
    machine: str, monkeypatch: pytest.MonkeyPatch, flags: int, new_files: bool
) -> None:
    code = installed(monkeypatch, new_files=new_files)
    architecture, column = syscalls.MACHINES[machine]
    openat = syscalls.CHECKED["openat"][column]
    assert answer(code, architecture, openat, 0, 0, 0o2000000) == _ALLOWED
    assert answer(code, architecture, openat, 0, 0, flags) == (_ALLOWED if new_files else _REFUSED)


@pytest.mark.parametrize(("result", "number"), [(-1, errno.EINVAL), (4711, errno.EBUSY)])
def test_a_filter_that_is_not_taken_for_all_threads_is_an_error(
    monkeypatch: pytest.MonkeyPatch, result: int, number: int
) -> None:
    monkeypatch.setattr("platform.machine", lambda: "x86_64")
    monkeypatch.setattr(seccomp, "_libc", Kernel(result))
    with pytest.raises(OSError, match=os.strerror(number)) as caught:
        seccomp.allow_recording(new_files=False)
    assert caught.value.errno == number


@pytest.mark.usefixtures("machine")
def test_it_is_there_where_kernel_and_machine_are_known(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for result, there in ((0, True), (-1, False)):
        monkeypatch.setattr(seccomp, "_libc", Kernel(result))
        assert seccomp.available() is there
    monkeypatch.setattr("platform.machine", lambda: "riscv64")
    monkeypatch.setattr(seccomp, "_libc", Kernel())
    assert not seccomp.available()
