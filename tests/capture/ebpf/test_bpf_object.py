"""The checked-in BPF object: what it is made of, and when it is not loaded."""

from __future__ import annotations

import ctypes
import hashlib
import shutil
import subprocess
from pathlib import Path
from struct import unpack_from

import pytest
from netns import need, why_no_bpf

from auditor.capture.backend import Request
from auditor.capture.backends.ebpf import EbpfBackend, ring_size
from auditor.capture.ebpf import layout, libbpf
from auditor.capture.ebpf import preconditions as loader
from auditor.capture.ebpf.bpf_object import BpfObject
from auditor.capture.ebpf.kernel_capture import UNPROVEN_FLOWS
from auditor.errors import CaptureError
from auditor.evidence.packet import HEADER_BYTES, HELLO_BYTES
from auditor.packets.pcapng_comments import NEW_NS

#: The compiler whose object is checked in: Debian 12's.
COMPILER = "clang-14"
VERSION = "14.0.6"


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_the_recorded_sums_are_those_of_every_source_and_the_object() -> None:
    sources = {path.name for path in loader.FOLDER.glob("*.[ch]")}
    assert set(loader.recorded_sums()) == sources | {loader.OBJECT}
    for name, expected in loader.recorded_sums().items():
        assert sha256(loader.FOLDER / name) == expected


def test_the_object_rebuilt_from_its_source_is_the_same(tmp_path: Path) -> None:
    compiler = shutil.which(COMPILER)
    need("" if compiler and shutil.which("make") else f"{COMPILER} or make is not installed")
    version = subprocess.run([COMPILER, "--version"], capture_output=True, text=True, check=True)
    assert VERSION in version.stdout, f"the object was built by {COMPILER} {VERSION}"
    there = tmp_path / "anywhere"
    shutil.copytree(loader.FOLDER, there)
    (there / loader.OBJECT).unlink()
    subprocess.run(["make", "-s", "-B"], cwd=there, check=True, capture_output=True)
    assert sha256(there / loader.OBJECT) == loader.recorded_sums()[loader.OBJECT]
    assert (there / "SHA256SUMS").read_bytes() == (loader.FOLDER / "SHA256SUMS").read_bytes()


def test_an_object_that_is_not_the_recorded_one_is_never_loaded(tmp_path: Path) -> None:
    there = tmp_path / "bpf"
    shutil.copytree(loader.FOLDER, there)
    with (there / loader.OBJECT).open("ab") as changed:
        changed.write(b"\0")
    with pytest.raises(CaptureError, match="not the object that SHA256SUMS records"):
        loader.checked_object(there)


def test_a_missing_object_is_an_error_with_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(CaptureError, match="cannot be read"):
        loader.checked_object(tmp_path)


def test_the_source_has_the_limits_of_the_model() -> None:
    header = (loader.FOLDER / "bareos_audit.h").read_text(encoding="ascii")
    assert f"#define HEADER_BYTES {HEADER_BYTES} " in header
    assert f"#define HELLO_BYTES {HELLO_BYTES} " in header
    tables = (loader.FOLDER / "flows.h").read_text(encoding="ascii")
    assert f"__uint(max_entries, {UNPROVEN_FLOWS});" in tables
    standing = (loader.FOLDER / "standing.h").read_text(encoding="ascii")
    assert f"#define NEW_NS {NEW_NS}ull" in standing


@pytest.fixture
def program() -> BpfObject:
    need(why_no_bpf())
    return BpfObject(loader.checked_object())


def test_every_structure_is_laid_out_as_the_object_has_it(program: BpfObject) -> None:
    layout.check_layout(program.btf)
    assert ctypes.sizeof(layout.FlowStruct) == 1816
    program.close()


@pytest.mark.parametrize("name", sorted(layout.STRUCTURES))
def test_a_structure_that_differs_is_refused_by_name(
    program: BpfObject, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Other(ctypes.LittleEndianStructure):
        _fields_ = (*layout.STRUCTURES[name]._fields_, ("more", ctypes.c_uint8))

    monkeypatch.setitem(layout.STRUCTURES, name, Other)
    with pytest.raises(CaptureError, match=f"struct {name} is laid out otherwise"):
        layout.check_layout(program.btf)
    program.close()


def start_of_section(elf: bytes, name: bytes) -> int:
    """Return where a section of a 64-bit little-endian ELF file begins (elf(5))."""
    (table,), (size, count, names) = unpack_from("<Q", elf, 40), unpack_from("<HHH", elf, 58)
    headers = [unpack_from("<IIQQQ", elf, table + size * number) for number in range(count)]
    texts = headers[names][4]
    return next(header[4] for header in headers if elf.startswith(name + b"\0", texts + header[0]))


def test_what_the_verifier_says_is_in_the_error() -> None:
    need(why_no_bpf())
    data = bytearray(loader.checked_object())
    at = start_of_section(bytes(data), b"socket")
    data[at : at + 8] = bytes.fromhex("7930000000000000")  # r0 = *(u64 *)r3, which nobody has set
    program = BpfObject(bytes(data), [loader.CAPTURE_FILTER])
    program.configure([9103], netns=1)
    with pytest.raises(libbpf.BpfError, match="the kernel refused the BPF programs") as caught:
        program.load()
    program.close()
    assert "R3 !read_ok" in caught.value.log
    assert caught.value.log in caught.value.__notes__


def test_what_is_no_object_is_refused() -> None:
    need(why_no_bpf())
    with pytest.raises(libbpf.BpfError, match="cannot be opened"):
        BpfObject(b"\x7fELF nothing more")


def test_a_missing_library_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(libbpf, "LIBRARY", "libbpf.so.77")
    libbpf.library.cache_clear()
    with pytest.raises(CaptureError, match=r"libbpf\.so\.77 .* cannot be used"):
        libbpf.library()
    libbpf.library.cache_clear()


def test_a_kernel_without_types_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(loader, "KERNEL_TYPES", tmp_path / "vmlinux")
    with pytest.raises(CaptureError, match="type information"):
        EbpfBackend().open(Request(("lo",), frozenset({9103})))


@pytest.mark.parametrize(("wanted", "size"), [(1, 65536), (65536, 65536), (8 << 20, 8 << 20)])
def test_a_ring_is_a_power_of_two(wanted: int, size: int) -> None:
    assert ring_size(wanted) == size
    assert ring_size(wanted + size) == 2 * size


def test_a_backend_that_is_not_open_says_so() -> None:
    with pytest.raises(CaptureError, match="not been opened"):
        EbpfBackend().counters()


def test_a_backend_can_be_closed_twice() -> None:
    backend = EbpfBackend()
    backend.close()
    backend.close()
    assert backend.facts() == ()
