"""By which names Bareos finds a configuration (bareos.md §5.1), and what tells hosts apart."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.config.resource_names import FILES, FOLDERS, host_labels
from auditor.config.resources import Program

Parts = tuple[str, ...]


def test_each_program_has_one_file_and_one_folder() -> None:
    assert FILES == {
        "bareos-dir.conf": Program.DIRECTOR,
        "bareos-sd.conf": Program.STORAGE_DAEMON,
        "bareos-fd.conf": Program.FILE_DAEMON,
        "bconsole.conf": Program.CONSOLE,
        "tray-monitor.conf": Program.TRAY_MONITOR,
    }
    folders = {f"{file.removesuffix('.conf')}.d": one for file, one in FILES.items()}
    assert folders == FOLDERS


@pytest.mark.parametrize(
    ("folders", "labels"),
    [
        ([()], [""]),
        ([("etc", "bareos")], [""]),
        ([("alpha", "etc", "bareos")], ["alpha"]),
        ([("alpha",), ("beta",)], ["alpha", "beta"]),
        ([("alpha", "etc"), ("beta", "etc")], ["alpha", "beta"]),
        ([("alpha", "conf"), ("beta", "conf")], ["alpha", "beta"]),
        ([("hosts", "alpha"), ("hosts", "beta")], ["alpha", "beta"]),
        ([("alpha", "new"), ("alpha", "old")], ["new", "old"]),
        ([("alpha", "ETC"), ("beta", "etc", "bareos")], ["alpha", "beta"]),
        ([(), ("alpha",)], ["", "alpha"]),
    ],
)
def test_a_label_is_the_last_folder_that_tells_a_host_from_the_others(
    folders: list[Parts], labels: list[str]
) -> None:
    assert host_labels(set(folders)) == dict(zip(folders, labels, strict=True))


PARTS = st.sampled_from(["alpha", "beta", "etc", "bareos", "conf"])


@given(st.sets(st.lists(PARTS, max_size=4).map(tuple), max_size=5))
def test_a_label_is_always_one_of_its_own_folders(folders: set[Parts]) -> None:
    found = host_labels(folders)
    assert found.keys() == folders
    assert all(label == "" or label in parts for parts, label in found.items())
    assert not {"etc", "bareos"} & set(found.values())
