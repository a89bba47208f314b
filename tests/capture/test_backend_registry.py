"""Every backend stands in one list, and what is derived from it holds for each of them."""

from __future__ import annotations

import subprocess
import sys
import tomllib

import pytest
from paths import ROOT

from auditor.capture.backend_registry import AUTO, BACKENDS, BackendEntry, BackendName
from auditor.capture.doctor import examine
from auditor.cli.capture import capture

ENTRIES = list(BACKENDS.values())


def test_there_is_one_entry_for_each_name_in_the_order_of_the_names() -> None:
    assert list(BACKENDS) == list(BackendName)
    assert [entry.name for entry in ENTRIES] == ["ebpf", "dumpcap", "scapy"]


@pytest.mark.parametrize("entry", ENTRIES, ids=[entry.name for entry in ENTRIES])
def test_what_an_entry_makes_is_a_backend_of_its_name(entry: BackendEntry) -> None:
    backend = entry.make()
    assert backend.name == entry.name
    assert backend.blind and backend.interfaces == ()
    backend.close()


def test_the_command_line_offers_every_backend_and_the_best() -> None:
    (option,) = (each for each in capture.params if each.name == "backend")
    assert list(option.type.choices) == [AUTO, *(entry.name.value for entry in ENTRIES)]


def test_the_doctor_checks_all_that_an_entry_names() -> None:
    names = {check.name for check in examine()}
    for entry in ENTRIES:
        assert names.issuperset((*entry.packets_need, *entry.sockets_need))
        assert names.issuperset(filter(None, (entry.program, entry.distribution)))


def test_a_distribution_that_need_not_be_there_is_an_extra() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = [each for extra in project["optional-dependencies"].values() for each in extra]
    for entry in ENTRIES:
        assert any(each.startswith(entry.distribution) for each in extras)


def test_the_list_loads_no_backend_and_no_library() -> None:
    code = (
        "import sys, auditor.capture.backend_registry\n"
        "print(sorted(name for name in sys.modules if name in ('ctypes', 'numpy', 'scapy')"
        " or name.startswith('auditor.capture.') ))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert done.stdout.strip() == str(
        [
            "auditor.capture.backend_registry",
            "auditor.capture.rights",
            "auditor.capture.rights.capabilities",
        ]
    )
