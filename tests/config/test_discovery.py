"""Any path may be given, and what each file belongs to is found (bareos.md §5.1)."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from bareosconf import MINIMAL, plant

from auditor.config.reading import read_configuration
from auditor.config.resources import Program, Source
from auditor.errors import ConfigurationError

FD, SD, DIR = Program.FILE_DAEMON, Program.STORAGE_DAEMON, Program.DIRECTOR


def named(name: str) -> str:
    return f"Director {{ Name = {name}; Password = p\n }}\n"


def programs(*paths: Path) -> list[tuple[Program, str]]:
    return [(p.program, p.host) for p in read_configuration(paths).programs]


@pytest.mark.parametrize(
    ("base", "program"),
    [
        ("bareos-dir", DIR),
        ("bareos-sd", SD),
        ("bareos-fd", FD),
        ("bconsole", Program.CONSOLE),
        ("tray-monitor", Program.TRAY_MONITOR),
    ],
)
def test_the_file_or_the_folder_of_each_program_is_known_by_name(
    tmp_path: Path, base: str, program: Program
) -> None:
    file = plant(tmp_path / "a", {f"{base}.conf": MINIMAL[base]}) / f"{base}.conf"
    tree = plant(tmp_path / "b", {f"{base}.d/x/y.conf": MINIMAL[base]}) / f"{base}.d"
    for path in (file, file.parent, tree, tree.parent):
        assert programs(path) == [(program, "")]


def test_a_folder_with_the_trees_of_several_hosts_labels_each(tmp_path: Path) -> None:
    plant(
        tmp_path,
        {
            "dir/etc/bareos-dir.d/director/d.conf": MINIMAL["bareos-dir"],
            "fd1/etc/bareos-fd.d/client/me.conf": MINIMAL["bareos-fd"],
            "con/bconsole.conf": MINIMAL["bconsole"],
            "truth.csv": "Client { this is nothing",
            "README.md": "# Client",
        },
    )
    assert programs(tmp_path) == [(Program.CONSOLE, "con"), (DIR, "dir"), (FD, "fd1")]


@pytest.mark.parametrize("below", ["etc/bareos", "rootfs/etc/bareos", "conf", "usr/local/etc"])
def test_the_label_is_the_folder_that_tells_the_hosts_apart(tmp_path: Path, below: str) -> None:
    files = {f"{h}/{below}/bareos-fd.d/c/m.conf": MINIMAL["bareos-fd"] for h in ("alpha", "beta")}
    assert programs(plant(tmp_path, files)) == [(FD, "alpha"), (FD, "beta")]


def test_one_etc_bareos_needs_no_label(tmp_path: Path) -> None:
    etc = plant(tmp_path / "etc" / "bareos", {"bareos-fd.d/client/me.conf": MINIMAL["bareos-fd"]})
    assert programs(etc) == [(FD, "")]
    assert programs(tmp_path) == [(FD, "")]


def test_the_single_file_beats_the_folder(tmp_path: Path) -> None:
    plant(
        tmp_path,
        {
            "bareos-fd.conf": MINIMAL["bareos-fd"],
            "bareos-fd.d/client/me.conf": "Client { Name = other\n }",
        },
    )
    configuration = read_configuration([tmp_path])
    assert [p.root for p in configuration.programs] == [str(tmp_path / "bareos-fd.conf")]
    assert ["beats it" in p.message for p in configuration.problems] == [True]
    asked = read_configuration([tmp_path / "bareos-fd.d"])
    assert next(asked.programs[0].of("Client")).name == "other"
    assert "read as asked" in asked.problems[0].message


def test_a_tree_counts_exactly_two_levels_deep(tmp_path: Path) -> None:
    plant(
        tmp_path / "bareos-fd.d",
        {
            "client/me.conf": MINIMAL["bareos-fd"],
            "director/a.conf": named("read"),
            "high.conf": named("high"),
            "director/deep/d.conf": named("deep"),
            "director/.hidden.conf": named("hidden"),
            ".director/x.conf": named("dotfolder"),
            "director/old.txt": named("old"),
            "director/b.conf~": named("backup"),
        },
    )
    (program,) = read_configuration([tmp_path]).programs
    assert [director.name for director in program.of("Director")] == ["read"]


def test_the_name_of_the_middle_folder_means_nothing(tmp_path: Path) -> None:
    plant(tmp_path, {"bareos-fd.d/anything/me.conf": MINIMAL["bareos-fd"]})
    assert programs(tmp_path) == [(FD, "")]


def test_files_are_read_in_reverse_sorted_order(tmp_path: Path) -> None:
    plant(
        tmp_path / "bareos-fd.d",
        {
            "client/me.conf": MINIMAL["bareos-fd"],
            "director/a.conf": named("a1") + named("a2"),
            "director/b.conf": named("b"),
            "aaa/z.conf": named("z"),
        },
    )
    (program,) = read_configuration([tmp_path]).programs
    assert [r.name for r in program.resources] == ["b", "a1", "a2", "fd", "z"]


def test_links_to_regular_files_are_followed_and_pipes_are_not(tmp_path: Path) -> None:
    plant(
        tmp_path, {"elsewhere.txt": named("linked"), "bareos-fd.d/c/me.conf": MINIMAL["bareos-fd"]}
    )
    folder = tmp_path / "bareos-fd.d" / "c"
    (folder / "link.conf").symlink_to(tmp_path / "elsewhere.txt")
    (folder / "dangling.conf").symlink_to(tmp_path / "gone")
    os.mkfifo(folder / "pipe.conf")
    configuration = read_configuration([tmp_path])
    assert [d.name for d in configuration.programs[0].of("Director")] == ["linked"]
    assert sorted(p.message.split("/")[-1] for p in configuration.problems) == [
        "dangling.conf is not a regular file; not read",
        "pipe.conf is not a regular file; not read",
    ]


def test_a_circle_of_linked_folders_ends(tmp_path: Path) -> None:
    plant(tmp_path, {"h/bareos-fd.d/c/me.conf": MINIMAL["bareos-fd"]})
    (tmp_path / "h" / "loop").symlink_to(tmp_path)
    assert programs(tmp_path) == [(FD, "h")]


def test_a_tree_given_twice_is_read_once(tmp_path: Path) -> None:
    plant(tmp_path, {"h/bareos-fd.d/c/me.conf": MINIMAL["bareos-fd"]})
    (tmp_path / "link").symlink_to(tmp_path / "h")
    paths = [tmp_path, tmp_path / "h", tmp_path / "h/bareos-fd.d", tmp_path / "link"]
    assert len(programs(*paths)) == 1


def test_a_lone_file_of_a_tree_is_read_and_what_is_missing_is_said(tmp_path: Path) -> None:
    plant(
        tmp_path / "bareos-dir.d",
        {
            "director/d.conf": MINIMAL["bareos-dir"],
            "job/j.conf": "Job { Name = j; Client = c1\n }",
        },
    )
    configuration = read_configuration([tmp_path / "bareos-dir.d/job/j.conf"])
    (program,) = configuration.programs
    assert (program.program, program.root) == (DIR, str(tmp_path / "bareos-dir.d"))
    messages = " ".join(problem.message for problem in configuration.problems)
    assert "names the Client 'c1', which was not given" in messages
    assert "only a part of the configuration of a director: it has no Director" in messages


def test_files_of_one_tree_given_one_by_one_are_one_program(tmp_path: Path) -> None:
    plant(
        tmp_path / "bareos-fd.d",
        {"client/me.conf": MINIMAL["bareos-fd"], "director/a.conf": named("a")},
    )
    files = sorted((tmp_path / "bareos-fd.d").glob("*/*.conf"))
    (program,) = read_configuration(files).programs
    assert [resource.name for resource in program.resources] == ["a", "fd"]


def test_a_folder_inside_of_a_tree_is_a_part_of_it(tmp_path: Path) -> None:
    plant(tmp_path, {"bareos-fd.d/director/a.conf": named("a")})
    configuration = read_configuration([tmp_path / "bareos-fd.d" / "director"])
    assert [p.program for p in configuration.programs] == [FD]


def test_relative_paths_stay_as_the_user_wrote_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plant(tmp_path, {"etc/bareos-fd.d/client/me.conf": MINIMAL["bareos-fd"]})
    monkeypatch.chdir(tmp_path)
    for given, shown in (
        ("etc", "etc/bareos-fd.d/client/me.conf"),
        (".", "etc/bareos-fd.d/client/me.conf"),
        ("etc/bareos-fd.d", "etc/bareos-fd.d/client/me.conf"),
    ):
        (program,) = read_configuration([given]).programs
        assert program.resources[0].source == Source(shown, 1)
    monkeypatch.chdir(tmp_path / "etc" / "bareos-fd.d" / "client")
    for given in ("me.conf", "."):
        (program,) = read_configuration([given]).programs
        assert (program.program, program.resources[0].source.file) == (FD, "me.conf")


def test_copies_exported_for_other_hosts_are_not_read(tmp_path: Path) -> None:
    plant(
        tmp_path,
        {
            "bareos-dir.d/director/d.conf": MINIMAL["bareos-dir"],
            "bareos-dir-export/client/fd1/bareos-fd.d/director/d.conf": named("dir"),
        },
    )
    configuration = read_configuration([tmp_path])
    assert [p.program for p in configuration.programs] == [DIR]
    assert "copies for other hosts" in configuration.problems[0].message


def test_a_missing_path_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="No such file") as caught:
        read_configuration([tmp_path / "gone"])
    assert caught.value.file == str(tmp_path / "gone")


@pytest.mark.parametrize("make", [Path.mkdir, Path.touch])
def test_a_path_without_any_configuration_is_an_error(tmp_path: Path, make: object) -> None:
    path = tmp_path / "empty"
    assert callable(make)
    make(path)
    with pytest.raises(ConfigurationError, match=r"expected bareos-dir.d/, bareos-sd.d/"):
        read_configuration([path])


def test_one_empty_path_among_others_is_an_error(tmp_path: Path) -> None:
    plant(tmp_path, {"a/bareos-fd.conf": MINIMAL["bareos-fd"], "b/notes.conf": "[section]\nx=1\n"})
    with pytest.raises(ConfigurationError) as caught:
        read_configuration([tmp_path / "a", tmp_path / "b"])
    assert caught.value.file == str(tmp_path / "b")


def test_a_pipe_is_no_configuration(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "bareos-fd.conf")
    with pytest.raises(ConfigurationError, match="neither a regular file nor a folder"):
        read_configuration([tmp_path / "bareos-fd.conf"])


@pytest.mark.parametrize("path", ["a\0b", "x" * 5000])
def test_a_path_that_cannot_be_is_an_error(path: str) -> None:
    with pytest.raises(ConfigurationError):
        read_configuration([path])
