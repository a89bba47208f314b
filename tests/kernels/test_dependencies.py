"""Which edits make machine code invalid: those of what it was made of, and no others."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FunctionType

import llvmlite.binding as llvm
import numpy as np
import pytest

from auditor.kernels import dependencies, native
from auditor.kernels.registry import KERNELS

#: A package in a folder that is named nowhere: an entry point, a kernel that it calls, one that
#: this calls, and constants from elsewhere.
SOURCES = {
    "start.py": """
from strange_room.deep.middle import add
import numpy as np
def run(values, start) -> 'int':
    total = np.int64(start)
    for i in range(len(values)):
        total = add(total, values[i])
    return total
""",
    "deep/middle.py": """
from auditor.kernels import kernel
from strange_room.deep.lowest import weigh
@kernel
def add(total, value):
    return total + weigh(value)
""",
    "deep/lowest.py": """
from auditor.kernels import kernel
from strange_room.constants import FACTOR
@kernel
def weigh(value):
    return value * FACTOR
""",
    "constants.py": "FACTOR = 2\nUNUSED = 5\n",
    "beside.py": "from auditor.kernels import kernel\n@kernel\ndef beside(x):\n    return x\n",
}


@pytest.fixture
def room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Write the package; forget it afterwards."""
    for name, source in SOURCES.items():
        path = tmp_path / "strange_room" / name
        path.parent.mkdir(exist_ok=True, parents=True)
        path.write_text(source)
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    monkeypatch.setenv("BAREOS_AUDIT_CACHE", str(tmp_path / "cache"))
    (tmp_path / "cache").mkdir(mode=0o700)
    kernels = list(KERNELS)
    yield tmp_path / "strange_room"
    forget()
    KERNELS[:] = kernels


def forget() -> None:
    for name in [name for name in sys.modules if name.startswith("strange_room")]:
        KERNELS[:] = [kernel for kernel in KERNELS if kernel.__module__ != name]
        del sys.modules[name]
    importlib.invalidate_caches()
    dependencies._source.cache_clear()


def load() -> FunctionType:
    """Import the package as it stands on disk, and return its entry point."""
    forget()
    importlib.import_module("strange_room.beside")
    found: FunctionType = importlib.import_module("strange_room.start").run
    return found


def edit(path: Path, old: str, new: str) -> None:
    source = path.read_text()
    assert old in source
    path.write_text(source.replace(old, new))


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("start.py", "total = np.int64(start)", "total = np.int64(start) + 1"),
        ("deep/middle.py", "total + weigh(value)", "total - weigh(value)"),
        ("deep/lowest.py", "value * FACTOR", "value + FACTOR"),
        ("constants.py", "FACTOR = 2", "FACTOR = 3"),
    ],
)
def test_an_edit_of_what_is_within_reach_makes_it_invalid(
    room: Path, name: str, old: str, new: str
) -> None:
    before = native.Native(load())
    values = np.array([5, 7])
    assert before(values, 1) == 25
    assert native.Native(load()).is_stored()
    edit(room / name, old, new)
    after = native.Native(load())
    assert not after.is_stored()
    assert after(values, 1) == load()(values, 1) != 25


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("beside.py", "return x", "return x + 1"),
        ("constants.py", "UNUSED = 5", "UNUSED = 6"),
        ("constants.py", "FACTOR = 2", '"""What is weighed."""\nFACTOR = 1 + 1'),
    ],
)
def test_an_edit_of_anything_else_leaves_it_valid(
    room: Path, name: str, old: str, new: str
) -> None:
    before = dependencies.digest(load())
    edit(room / name, old, new)
    assert dependencies.digest(load()) == before is not None


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("np.dtype([('a', 'i8')])", "np.dtype([('b', 'i8')])"),
        ("np.array([1, 2])", "np.array([1, 3])"),
        ("(1, (2, 'x'))", "(1, (2, 'y'))"),
        ("namedtuple('T', 'a b')", "namedtuple('T', 'b a')"),
        ("1.5", "1.25"),
    ],
)
def test_constants_of_every_kind_count_by_their_value(room: Path, old: str, new: str) -> None:
    made = "import numpy as np\nfrom collections import namedtuple\n"
    (room / "constants.py").write_text(f"{made}FACTOR = {old}\n")
    before = dependencies.digest(load())
    assert dependencies.digest(load()) == before
    (room / "constants.py").write_text(f"{made}FACTOR = {new}\n")
    assert dependencies.digest(load()) != before


@pytest.mark.parametrize("value", ["{1: 2}", "[1]", "sys", "object()"])
def test_a_global_whose_value_may_change_unseen_is_refused(room: Path, value: str) -> None:
    (room / "constants.py").write_text(f"import sys\nFACTOR = {value}\n")
    with pytest.raises(TypeError, match="kernels cannot use a global of type"):
        dependencies.digest(load())


def test_without_a_source_nothing_is_kept(room: Path) -> None:
    run = load()
    (room / "deep" / "lowest.py").unlink()
    assert dependencies.digest(run) is None
    compiled = native.Native(run)
    assert compiled(np.array([5, 7]), 1) == 25
    assert not compiled.is_stored()


def test_every_kernel_of_the_package_is_within_reach_of_an_entry_point() -> None:
    from auditor.evidence.thinning.thin_batch import thin_batch
    from auditor.flows.alike import group
    from auditor.flows.hello_extract import extract
    from auditor.flows.summaries import summarise
    from auditor.flows.track import track
    from auditor.packets.pcap import scan_pcap
    from auditor.packets.pcapng_scanner import scan_blocks
    from auditor.pipeline.recordings.hashing import hash_connections, hash_segments

    entries: list[Callable[..., object]] = [scan_pcap, scan_blocks, thin_batch]
    entries += [track, extract, group, summarise, hash_connections, hash_segments]
    reached = [
        kernel
        for entry in entries
        for kernel in dependencies._reach(getattr(entry, "_function", entry))[0]
    ]
    ours = [kernel for kernel in KERNELS if kernel.__module__.startswith("auditor.")]
    assert [kernel.__qualname__ for kernel in ours if kernel not in reached] == []


def test_machine_code_is_of_one_processor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told = tmp_path / "modalias"
    monkeypatch.setattr(dependencies, "_MODALIAS", str(told))
    of_llvm = dependencies._processor()  # for there is no such file
    assert of_llvm.startswith(f"{llvm.get_host_cpu_name()} ")
    told.write_text("cpu:type:aarch64:feature:,0000\n")
    assert dependencies._processor() == of_llvm
    told.write_text("cpu:type:x86,ven0000fam0006mod00A7:feature:,0000,0001\n")
    assert dependencies._processor() == told.read_text()
