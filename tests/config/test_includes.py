"""Includes are found and ordered as bareos.md §5.3 says; nothing is ever run."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from bareosconf import MINIMAL, plant

from auditor.config import patterns
from auditor.config.file_reader import FileReader
from auditor.config.given_paths import GivenPaths
from auditor.config.includes import Includes
from auditor.config.problem_kinds import ProblemKind
from auditor.config.reading import read_configuration
from auditor.config.resources import Configuration, Resource, Source
from auditor.errors import ConfigurationError


def fd_tree(root: Path, text: str, files: dict[str, str] | None = None) -> Path:
    """Plant an /etc/bareos with one file for the File Daemon and other files."""
    return plant(root, {"bareos-fd.d/client/me.conf": text} | (files or {}))


def own(configuration: Configuration) -> Resource:
    (program,) = configuration.programs
    return next(program.of("Client"))


@pytest.mark.parametrize("name", ["@more.conf", '@"more.conf"', '@"with blanks.conf"'])
def test_a_plain_or_quoted_include_is_read_where_it_stands(tmp_path: Path, name: str) -> None:
    include = name.strip('@"')
    fd_tree(
        tmp_path,
        f"Client {{\n Name = fd\n {name}\n Maximum Workers Per Job = 3\n}}\n",
        {include: "Heartbeat Interval = 7"},
    )
    client = own(read_configuration([tmp_path]))
    assert client.number("HeartbeatInterval") == 7
    assert client.where("HeartbeatInterval") == Source(str(tmp_path / include), 1)


def test_a_glob_is_read_in_reversed_order_so_the_first_file_wins(tmp_path: Path) -> None:
    files = {f"inc/i{n}.conf": f"Heartbeat Interval = {n}\n" for n in (1, 2, 3)}
    fd_tree(tmp_path, "Client {\n Name = fd\n @inc/i?.conf\n}\n", files)
    assert own(read_configuration([tmp_path])).number("HeartbeatInterval") == 1


def test_a_glob_without_match_is_fine(tmp_path: Path) -> None:
    fd_tree(tmp_path, "@nothing/*.conf\n" + MINIMAL["bareos-fd"])
    assert own(read_configuration([tmp_path])).name == "fd"


def test_includes_nest(tmp_path: Path) -> None:
    fd_tree(
        tmp_path,
        "@a.conf\n",
        {"a.conf": "Client {\n@b.conf\n}", "b.conf": "Name = deep # no newline at the end"},
    )
    assert own(read_configuration([tmp_path])).name == "deep"


def test_an_include_may_be_a_value(tmp_path: Path) -> None:
    fd_tree(tmp_path, "Client {\n Name = @name.txt\n}\n", {"name.txt": "fd7"})
    assert own(read_configuration([tmp_path])).name == "fd7"


def test_a_folder_is_read_as_nothing(tmp_path: Path) -> None:
    fd_tree(tmp_path, MINIMAL["bareos-fd"] + "@bareos-fd.d\n")
    assert own(read_configuration([tmp_path])).name == "fd"


@pytest.mark.parametrize("text", ["@gone.conf\n", "@ more.conf\n", "@\n", '@""\n', "@gone[1].x\n"])
def test_a_missing_file_and_a_blank_after_the_sign_are_errors(tmp_path: Path, text: str) -> None:
    fd_tree(tmp_path, MINIMAL["bareos-fd"] + text, {"more.conf": ""})
    with pytest.raises(ConfigurationError) as caught:
        read_configuration([tmp_path])
    assert caught.value.line == 3


@pytest.mark.parametrize("command", ["@|{}/run", '@|"sh -c {}/run"'])
def test_a_command_is_never_run(tmp_path: Path, command: str) -> None:
    proof = tmp_path / "proof"
    fd_tree(tmp_path, command.format(tmp_path) + "\n" + MINIMAL["bareos-fd"])
    (tmp_path / "run").write_text(f"#!/bin/sh\ntouch {proof}\n")
    (tmp_path / "run").chmod(0o755)
    configuration = read_configuration([tmp_path])
    assert not proof.exists()
    (problem,) = (p for p in configuration.problems if "not run" in p.message)
    assert problem.source == Source(str(tmp_path / "bareos-fd.d/client/me.conf"), 1)


def test_what_a_command_may_have_included_may_be_referred_to(tmp_path: Path) -> None:
    plant(
        tmp_path,
        {
            "bareos-dir.conf": MINIMAL["bareos-dir"]
            + "@|\"sh -c 'for f in /etc/bareos/clients.d/*.conf ; do echo @${f} ; done'\"\n"
            "Job { Name = j; Client = c1\n }\n"
        },
    )
    problems = read_configuration([tmp_path]).problems
    assert any("'c1', which was not given" in problem.message for problem in problems)


def test_an_absolute_include_is_found_where_the_tree_is_now(tmp_path: Path) -> None:
    plant(
        tmp_path / "host1" / "etc" / "bareos",
        {
            "bareos-dir.d/director/d.conf": MINIMAL["bareos-dir"]
            + "@/etc/bareos/clients.d/*.conf\n@/etc/bareos/one.conf\n",
            "clients.d/a.conf": "Client { Name = a; Address = a; Password = p\n }",
            "one.conf": "Client { Name = one; Address = a; Password = p\n }",
        },
    )
    configuration = read_configuration([tmp_path])
    (program,) = configuration.programs
    assert [client.name for client in program.of("Client")] == ["a", "one"]
    assert all("where the tree is now" in problem.message for problem in configuration.problems)
    assert {problem.level for problem in configuration.problems} == {"note"}


def test_an_absolute_include_is_found_beside_the_file_that_includes_it(tmp_path: Path) -> None:
    """The tree was copied without its folders: all files of a host in one folder."""
    plant(
        tmp_path / "host1",
        {
            "bareos-dir.conf": MINIMAL["bareos-dir"] + "@/etc/bareos/clients.conf\n",
            "clients.conf": "Client { Name = a; Address = a; Password = p\n }",
        },
    )
    configuration = read_configuration([tmp_path])
    assert [client.name for client in configuration.programs[0].of("Client")] == ["a"]
    (problem,) = configuration.problems
    assert problem.kind is ProblemKind.INCLUDE_RELOCATED
    assert f"{tmp_path}/host1/clients.conf is read" in problem.message
    assert "/etc/bareos/clients.conf" in problem.message


@pytest.mark.parametrize("name", ["/etc/bareos/gone.conf", "/srv/gone.d/*.conf"])
def test_what_was_not_copied_with_a_tree_leaves_a_part(tmp_path: Path, name: str) -> None:
    fd_tree(tmp_path, MINIMAL["bareos-fd"] + f"@{name}\n")
    configuration = read_configuration([tmp_path])
    (problem,) = configuration.problems
    assert problem.kind is ProblemKind.INCLUDE_NOT_GIVEN
    assert name in problem.message
    assert not configuration.programs[0].whole


def test_an_empty_folder_that_was_copied_leaves_the_whole(tmp_path: Path) -> None:
    fd_tree(tmp_path, MINIMAL["bareos-fd"] + "@/etc/bareos/more.d/*.conf\n")
    (tmp_path / "more.d").mkdir()
    configuration = read_configuration([tmp_path])
    assert configuration.problems == ()
    assert configuration.programs[0].whole


LOOP = "@|\"sh -c 'for f in /etc/bareos/clients.d/*.conf ; do echo @${f} ; done'\"\n"
CLIENT = "Client { Name = %s; Address = a; Password = p\n }"


@pytest.mark.parametrize(
    "command",
    [
        LOOP,
        "@|\"sh -c 'find /etc/bareos/clients.d -name *.conf -exec cat {} +'\"\n",
        "@|\"sh -c 'ls /etc/bareos/clients.d/*.conf | xargs cat'\"\n",
    ],
)
@pytest.mark.parametrize("folder", ["host1/etc/bareos", "host1"])
def test_a_loop_over_files_is_understood_without_being_run(
    command: str, folder: str, tmp_path: Path
) -> None:
    plant(
        tmp_path / folder,
        {
            "bareos-dir.conf": MINIMAL["bareos-dir"] + command,
            "clients.d/b.conf": CLIENT % "b",
            "clients.d/a.conf": CLIENT % "a",
            "clients.d/a.conf~": "}",
        },
    )
    configuration = read_configuration([tmp_path])
    (program,) = configuration.programs
    assert [client.name for client in program.of("Client")] == ["a", "b"]
    assert [problem.kind for problem in configuration.problems] == [
        ProblemKind.INCLUDE_COMMAND_READ
    ]
    assert program.whole


def test_a_loop_over_a_folder_that_was_not_given_leaves_a_part(tmp_path: Path) -> None:
    plant(tmp_path, {"bareos-dir.conf": MINIMAL["bareos-dir"] + LOOP})
    configuration = read_configuration([tmp_path])
    (problem,) = configuration.problems
    assert problem.kind is ProblemKind.INCLUDE_COMMAND_NOT_RUN
    assert "clients.d/*.conf is not among the files given" in problem.message
    assert f"{tmp_path}/bareos-dir.conf" in problem.message
    assert not configuration.programs[0].whole


def test_a_loop_reads_nothing_outside_of_the_path_given(tmp_path: Path) -> None:
    plant(tmp_path / "secret", {"x.conf": CLIENT % "x"})
    loop = LOOP.replace("/etc/bareos/clients.d", f"{tmp_path}/secret")
    plant(tmp_path / "tree", {"bareos-dir.conf": MINIMAL["bareos-dir"] + loop})
    configuration = read_configuration([tmp_path / "tree"])
    assert not list(configuration.programs[0].of("Client"))
    assert configuration.problems[0].kind is ProblemKind.INCLUDE_COMMAND_NOT_RUN


def test_a_loop_follows_no_link_out_of_the_path_given(tmp_path: Path) -> None:
    plant(tmp_path / "secret", {"x.conf": CLIENT % "x"})
    plant(tmp_path / "tree", {"bareos-dir.conf": MINIMAL["bareos-dir"] + LOOP})
    (tmp_path / "tree" / "clients.d").symlink_to(tmp_path / "secret")
    assert not list(read_configuration([tmp_path / "tree"]).programs[0].of("Client"))


@pytest.mark.parametrize("command", ['find {} -name "*.conf"', "ls {}/*.conf", "cat {}/a.conf"])
@pytest.mark.parametrize("folder", ["/", "/usr", "{}/link", "..", "link/.."])
def test_a_command_that_means_all_of_the_disk_searches_nothing_outside(
    tmp_path: Path, folder: str, command: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def within(path: object) -> Iterator[Any]:
        assert Path(os.path.realpath(str(path))).is_relative_to(tmp_path)
        return iter(())

    (tmp_path / "link").symlink_to("/usr")
    monkeypatch.setattr("auditor.config.includes.os.walk", within)
    monkeypatch.setattr(Path, "iterdir", within)
    includes = Includes(FileReader(GivenPaths.of([tmp_path])), tmp_path, tmp_path)
    here = Source(f"{tmp_path}/bareos-dir.conf", 1)
    asked = command.format(folder.format(tmp_path))
    asked += "" if asked.startswith("cat") else " | sort | xargs cat"
    assert not includes(f"|sh -c '{asked}'", here)
    assert includes.unevaluated
    assert "is not among the files given" in includes.problems[0].message


def test_the_search_of_commands_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plant(tmp_path, {f"clients.d/{name}.conf": CLIENT % name for name in "abcdefg"})
    loops = "".join(LOOP.replace("*", f"{name}*") for name in "abcdefg")
    plant(tmp_path, {"bareos-dir.conf": MINIMAL["bareos-dir"] + loops})
    assert read_configuration([tmp_path]).programs[0].whole
    monkeypatch.setattr("auditor.config.includes._MOST_LOOKED_AT", 5)
    configuration = read_configuration([tmp_path])
    assert not configuration.programs[0].whole
    told = [problem.message for problem in configuration.problems]
    assert any("too many files would have to be looked at" in message for message in told)


@pytest.mark.parametrize("name", ["/", "|cat /", "|find / -name x -print | xargs cat", "/.."])
def test_the_root_of_the_disk_may_be_named(tmp_path: Path, name: str) -> None:
    fd_tree(tmp_path, f'@"{name}"\n')
    read_configuration([tmp_path])


#: The first word of a file that its reader may read, and who wrote the configuration may not.
SECRET = "squeamish-ossifrage"
INCLUDES = {
    "absolute": "@{root}/secret.txt",
    "quoted": '@"{root}/secret.txt"',
    "relative": "@../secret.txt",
    "through a folder": "@bareos-fd.d/../../secret.txt",
    "pattern": "@{root}/secret.*",
    "set": "@{root}/[s]ecret.txt",
    "relative pattern": "@../sec*.txt",
    "pattern of folders": "@../*/../secret.txt",
    "link": "@link.txt",
    "absolute link": "@{root}/tree/link.txt",
    "link in a pattern": "@lin*.txt",
    "link of a folder": "@up/secret.txt",
    "link of a folder in a pattern": "@u[p]/secret.txt",
    "pattern through a link": "@up/*.txt",
    "link to a link": "@far.txt",
    "command": "@|cat {root}/secret.txt",
    "loop": "@|\"sh -c 'for f in {root}/sec*.txt ; do echo @${{f}} ; done'\"",
    "loop over a link": "@|\"sh -c 'for f in {root}/tree/lin*.txt ; do echo @${{f}} ; done'\"",
    "find": "@|\"sh -c 'find {root}/tree -name link.txt -exec cat {{}} +'\"",
}


def hostile(root: Path, include: str) -> Path:
    """Plant a tree whose include leads out of it, and return the tree."""
    (root / "secret.txt").write_text(SECRET)
    tree = root / "tree"
    text = f"Client {{\n Name = fd\n {include.format(root=root)}\n}}\n"
    fd_tree(tree, text + f"Messages {{\n Name = {include.format(root=root)}\n}}\n")
    (tree / "link.txt").symlink_to(root / "secret.txt")
    (tree / "far.txt").symlink_to("link.txt")
    (tree / "up").symlink_to("..")
    return tree


def told(tree: Path, **options: Any) -> str:
    """Return all that reading a tree says, the resources included."""
    try:
        return str(read_configuration([tree], **options))
    except ConfigurationError as error:
        return str(error)


@pytest.mark.parametrize("form", INCLUDES)
def test_no_include_leads_out_of_the_paths_given(tmp_path: Path, form: str) -> None:
    tree = hostile(tmp_path, INCLUDES[form])
    said = told(tree)
    assert SECRET not in said
    assert "--include-root" in said or "this command of" in said
    # Nor does it tell whether the file is there.
    (tmp_path / "secret.txt").unlink()
    assert told(tree) == said


@pytest.mark.parametrize("form", ["absolute", "relative", "link", "pattern", "loop"])
def test_what_the_user_allows_is_included(tmp_path: Path, form: str) -> None:
    tree = hostile(tmp_path, INCLUDES[form])
    (tmp_path / "secret.txt").write_text("Heartbeat Interval = 7\n")
    text = (tree / "bareos-fd.d/client/me.conf").read_text().split("Messages")[0]
    (tree / "bareos-fd.d/client/me.conf").write_text(text)
    roots = [tmp_path] if form in {"pattern", "loop"} else [tmp_path, tmp_path / "secret.txt"]
    for root in roots:
        read = read_configuration([tree], include_root=[root])
        assert own(read).number("HeartbeatInterval") == 7


def test_another_path_that_is_given_may_be_included(tmp_path: Path) -> None:
    plant(tmp_path / "b", {"more.txt": "Heartbeat Interval = 7\n"})
    plant(tmp_path / "b", {"bconsole.conf": "Director { Name = d; Address = d\n }\n"})
    fd_tree(tmp_path / "a", f"Client {{\n Name = fd\n @{tmp_path}/b/more.txt\n}}\n")
    configuration = read_configuration([tmp_path / "a", tmp_path / "b"])
    client = next(next(iter(configuration.programs)).of("Client"))
    assert client.number("HeartbeatInterval") == 7


@pytest.mark.parametrize(
    ("given", "include", "read"),
    [
        ("link", "@{real}/x.txt", True),
        ("link", "@x.txt", True),
        ("link/bareos-fd.d", "@x.conf", True),
        ("real/bareos-fd.d", "@x.txt", False),
        ("real/bareos-fd.d/client/me.conf", "@{real}/sub/x.conf", True),
        ("real/bareos-fd.d/client/me.conf", "@.ssh/x.conf", False),
    ],
)
def test_what_belongs_to_the_path_given_is_included(
    tmp_path: Path, given: str, include: str, read: bool
) -> None:
    """A path that is a link means what it leads to; a file or ``*.d`` has its ``*.conf`` beside."""
    real = tmp_path / "real"
    files = {f"{name}": "Heartbeat Interval = 7\n" for name in ("x.txt", "x.conf", "sub/x.conf")}
    files[".ssh/x.conf"] = files["x.txt"]
    fd_tree(real, f"Client {{\n Name = fd\n {include.format(real=real)}\n}}\n", files)
    (tmp_path / "link").symlink_to("real")
    client = own(read_configuration([tmp_path / given]))
    assert (client.number("HeartbeatInterval") == 7) is read


def test_a_value_that_was_not_included_is_named_in_the_error(tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text(SECRET)
    fd_tree(tmp_path / "tree", "Client {\n Name = fd\n Address = @../secret.txt\n}\n")
    with pytest.raises(ConfigurationError, match=r"unquoted address.*--include-root") as caught:
        read_configuration([tmp_path / "tree"])
    assert SECRET not in str(caught.value)


def test_a_name_that_no_file_can_have_is_not_there(tmp_path: Path) -> None:
    fd_tree(tmp_path, MINIMAL["bareos-fd"] + f"@/etc/bareos/{'x' * 300}/*.conf\n")
    assert not read_configuration([tmp_path]).programs[0].whole


def test_a_circle_of_includes_is_an_error(tmp_path: Path) -> None:
    fd_tree(tmp_path, "@a.conf\n", {"a.conf": "@b.conf\n", "b.conf": "@a.conf\n"})
    with pytest.raises(ConfigurationError, match="leads back"):
        read_configuration([tmp_path])


def test_includes_may_not_nest_without_end(tmp_path: Path) -> None:
    chain = {f"c{n}.conf": f"@c{n + 1}.conf\n" for n in range(50)}
    fd_tree(tmp_path, "@c0.conf\n", chain | {"c50.conf": ""})
    with pytest.raises(ConfigurationError, match="nest deeper"):
        read_configuration([tmp_path])


def test_a_pipe_is_not_opened(tmp_path: Path) -> None:
    fd_tree(tmp_path, "@fifo\n")
    os.mkfifo(tmp_path / "fifo")
    with pytest.raises(ConfigurationError, match="not a regular file"):
        read_configuration([tmp_path])


def test_a_device_is_not_read(tmp_path: Path) -> None:
    fd_tree(tmp_path, "@/dev/zero\n")
    with pytest.raises(ConfigurationError, match="not a regular file"):
        read_configuration([tmp_path], include_root=["/dev"])


@pytest.mark.parametrize("name", ["a/" * 3000, "../" * 3000])
def test_a_path_of_an_include_is_bounded(tmp_path: Path, name: str) -> None:
    fd_tree(tmp_path, f"@{name}x.conf\n")
    with pytest.raises(ConfigurationError, match="too long a path"):
        read_configuration([tmp_path])


def test_a_pattern_may_not_search_the_whole_disk(tmp_path: Path) -> None:
    fd_tree(tmp_path, "@/*/*/*/*.conf\n")
    with pytest.raises(ConfigurationError, match="too many wildcards"):
        read_configuration([tmp_path])


def test_an_error_in_an_included_file_names_that_file(tmp_path: Path) -> None:
    fd_tree(tmp_path, "@bad.conf\n", {"bad.conf": "\nNonsense { }"})
    with pytest.raises(ConfigurationError) as caught:
        read_configuration([tmp_path])
    assert (caught.value.file, caught.value.line) == (str(tmp_path / "bad.conf"), 2)


def test_a_bound_on_patterns_is_told_as_one_where_they_match_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patterns, "MOST_NAMES", 100)
    fd_tree(tmp_path, "Client {\n Name = fd\n" + " @inc/*.none\n" * 20 + "}\n", {"inc/a": ""})
    with pytest.raises(ConfigurationError, match="names to be held against patterns of includes"):
        read_configuration([tmp_path])
