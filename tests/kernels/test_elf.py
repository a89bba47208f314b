"""Our own linker: what it links runs, and what it does not know it leaves alone."""

import ctypes
import platform
from functools import cache
from pathlib import Path

import llvmlite.binding as llvm
import pytest

from auditor.kernels.elf import UnknownObjectError, link_elf

#: It needs all that is linked: constants, the place of one among them, code that calls code, and a
#: function of C.
ALL = """
@table = private constant [4 x i64] [i64 7, i64 11, i64 13, i64 17], align 32
@place = private constant ptr getelementptr ([4 x i64], ptr @table, i64 0, i64 1)
define i64 @helper(i64 %at) nounwind noinline {
  %first = load volatile ptr, ptr @place
  %there = getelementptr i64, ptr %first, i64 %at
  %value = load volatile i64, ptr %there
  ret i64 %value
}
define i64 @wanted(ptr %room, i64 %size, i64 %at) nounwind {
  call void @llvm.memset.p0.i64(ptr %room, i8 1, i64 %size, i1 0)
  %value = call i64 @helper(i64 %at)
  ret i64 %value
}
declare void @llvm.memset.p0.i64(ptr, i8, i64, i1)
"""
#: What it does not know.
WRITABLE = """
@kept = internal global i64 5
define i64 @wanted(ptr %room, i64 %size, i64 %at) nounwind {
  %before = load volatile i64, ptr @kept
  %after = add i64 %before, %at
  store volatile i64 %after, ptr @kept
  ret i64 %after
}
"""
ZEROS = WRITABLE.replace("i64 5", "i64 0")
STRANGER = """
declare i64 @labs(i64) nounwind
define i64 @wanted(ptr %room, i64 %size, i64 %at) nounwind {
  %value = call i64 @labs(i64 %at)
  ret i64 %value
}
"""
UNWOUND = STRANGER.replace("call i64 @labs(i64 %at)", "add i64 %at, 0").replace(" nounwind", "")


@cache
def compiled(text: str, model: str = "jitdefault", place: str = "static") -> bytes:
    """Return object code, as numba has it made."""
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    target = llvm.Target.from_default_triple()
    machine = target.create_target_machine(codemodel=model, reloc=place, jit=True)
    return bytes(machine.emit_object(llvm.parse_assembly(text)))


def rights(address: int) -> str:
    """Return what may be done with memory."""
    for line in Path("/proc/self/maps").read_text(encoding="utf-8").splitlines():
        span, may, *_ = line.split()
        begin, end = (int(one, 16) for one in span.split("-"))
        if begin <= address < end:
            return may
    return ""


only_x86 = pytest.mark.skipif(platform.machine() != "x86_64", reason="LLVM links for others")


@only_x86
@pytest.mark.parametrize(("at", "found"), [(0, 11), (-1, 7), (2, 17)])
def test_what_is_linked_runs_and_cannot_be_written(at: int, found: int) -> None:
    address = link_elf(compiled(ALL), "wanted")
    room = ctypes.create_string_buffer(40)
    kind = ctypes.CFUNCTYPE(ctypes.c_int64, ctypes.c_void_p, ctypes.c_int64, ctypes.c_int64)
    assert kind(address)(ctypes.addressof(room), 33, at) == found
    assert room.raw == b"\1" * 33 + b"\0" * 7
    assert rights(address) == "r-xp"
    assert rights(address + 4096) == "r--p"


@pytest.mark.parametrize("text", [WRITABLE, ZEROS, STRANGER, UNWOUND])
def test_what_needs_another_linker_is_refused(text: str) -> None:
    with pytest.raises(UnknownObjectError):
        link_elf(compiled(text), "wanted")


@pytest.mark.parametrize("model", ["small", "default"])
def test_another_way_to_refer_is_refused(model: str) -> None:
    with pytest.raises(UnknownObjectError):
        link_elf(compiled(ALL, model, "pic"), "wanted")


@pytest.mark.parametrize("at", [0, 4, 5, 16, 18])
def test_another_kind_of_file_is_refused(at: int) -> None:
    code = bytearray(compiled(ALL))
    code[at] ^= 3
    with pytest.raises(UnknownObjectError):
        link_elf(bytes(code), "wanted")


@pytest.mark.parametrize("code", [b"", b"\x7fELF"])
def test_what_is_too_short_is_refused(code: bytes) -> None:
    with pytest.raises(UnknownObjectError):
        link_elf(code, "wanted")


@pytest.mark.parametrize("name", ["want", "table", "memset", "wanted2"])
def test_what_is_no_function_in_it_is_not_found(name: str) -> None:
    with pytest.raises(UnknownObjectError):
        link_elf(compiled(ALL), name)
