"""The group of commands, and what ``main`` sets up before any of them is loaded."""

from __future__ import annotations

import atexit
import gc
import os
import subprocess
import sys
from collections.abc import Iterator

import click
import pytest
from commandline import refused, run
from paths import ROOT

from auditor.cli import main as module
from auditor.cli.errors import brief_excepthook
from auditor.cli.main import cli, main
from auditor.cli.stopping import end_at_once
from auditor.version import __version__


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, object]]:
    """Call ``main``, and take back what it changes in this process."""
    usual = gc.get_threshold()
    seen: dict[str, object] = {}

    def group(**arguments: object) -> None:
        seen.update(arguments, threads=os.environ.get("OPENBLAS_NUM_THREADS"))
        seen.update(hook=sys.excepthook, garbage=gc.get_threshold()[0])

    monkeypatch.setattr(module, "cli", group)
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    monkeypatch.setattr(atexit, "register", lambda what: seen.update(at_exit=what))
    monkeypatch.delenv("OPENBLAS_NUM_THREADS", raising=False)
    yield seen
    gc.set_threshold(*usual)


def test_everything_is_set_before_a_command_loads_anything(started: dict[str, object]) -> None:
    main()
    assert started == {
        "prog_name": "bareos-audit",
        "obj": end_at_once,
        "threads": "1",
        "hook": brief_excepthook,
        "garbage": 200_000,
        "at_exit": gc.freeze,
    }


def test_who_imports_it_looks_for_garbage_as_before() -> None:
    """A notebook, or the process of the tests, runs on."""
    code = "import gc, auditor.cli.main; print(gc.get_threshold())"
    usual = "import gc; print(gc.get_threshold())"
    one, other = (
        subprocess.run([sys.executable, "-c", text], cwd=ROOT, capture_output=True, check=True)
        for text in (code, usual)
    )
    assert one.stdout == other.stdout


def test_a_number_of_threads_that_somebody_chose_is_kept(
    started: dict[str, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", "4")
    main()
    assert started["threads"] == "4"


@pytest.mark.parametrize("stream", ["stdout", "stderr"])
def test_without_a_place_to_write_to_it_does_not_begin(
    started: dict[str, object], monkeypatch: pytest.MonkeyPatch, stream: str
) -> None:
    with monkeypatch.context() as closed, pytest.raises(SystemExit) as ended:
        closed.setattr(sys, stream, None)
        main()
    assert ended.value.code == 2
    assert "prog_name" not in started


def test_each_command_is_found_by_the_name_in_the_help() -> None:
    context = click.Context(cli)
    for name in cli.list_commands(context):
        command = cli.get_command(context, name)
        assert command is not None and command.name == name
        assert command.get_short_help_str(100).endswith("."), name
    assert cli.get_command(context, "main") is None, "a module that is no command"


def test_the_commands_know_their_options_without_any_library_but_click() -> None:
    """So the help is fast, and the manual page is made where nothing else is installed."""
    code = (
        "import sys, auditor.cli.main as m, auditor.cli.man_page as page;"
        "page.man_page(m.cli, None);"
        "print(*{name.partition('.')[0] for name in sys.modules})"
    )
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert loaded >= {"auditor", "click"}
    assert not loaded & {"numpy", "pandas", "numba", "yaml", "rich", "jinja2", "matplotlib"}


def test_the_version_and_the_help_are_told() -> None:
    assert run("-V").stdout == f"bareos-audit {__version__}\n"
    assert run("-h").stdout == run("--help").stdout


@pytest.mark.parametrize("arguments", [["analyse"], ["--no-such-option"]])
def test_a_mistake_in_the_groups_own_words_is_one_sentence(arguments: list[str]) -> None:
    assert arguments[0].lstrip("-") in refused(*arguments)


def test_debug_brings_tracebacks_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "excepthook", brief_excepthook)
    run("rules")
    assert sys.excepthook is brief_excepthook
    run("--debug", "rules")
    assert sys.excepthook is sys.__excepthook__
