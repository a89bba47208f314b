"""The fuzzing targets: what was ever a fault stays mended, and a new one would be seen."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest
from paths import ROOT

sys.path.insert(0, str(ROOT))

from auditor.errors import CaptureError
from fuzz import promises
from fuzz.__main__ import TARGETS, check
from fuzz.draws import Draws

KEPT = sorted(path for part in ("corpus", "found") for path in (ROOT / "fuzz" / part).rglob("*"))
FILES = [path for path in KEPT if path.is_file()]


@pytest.mark.parametrize("target", TARGETS)
def test_every_input_that_is_kept_is_taken_as_promised(target: str) -> None:
    inputs = [path for path in FILES if path.parent.name == target]
    assert inputs, f"no seed of {target}: run python -m fuzz.seed"
    for path in inputs:
        check(target, path.read_bytes())
    for seed in (b"", *import_module(f"fuzz.targets.{target}").seeds()):
        check(target, seed)


@pytest.mark.slow
def test_a_short_run_makes_inputs_for_every_target_and_finds_no_fault() -> None:
    """A second a target and way: what ``make fuzz MINUTES=n`` does for longer."""
    command = [sys.executable, "-m", "fuzz", "--minutes", "0"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    rows = [line.split() for line in done.stdout.splitlines()[1:-1]]
    assert {(name, way) for name, way, *_ in rows} == {
        (name, way) for name in TARGETS for way in ("machine", "plain")
    }
    assert all(int(inputs) > 0 and int(covered) > 0 for _, _, inputs, covered, *_ in rows), rows


@pytest.mark.slow
def test_a_fault_is_found_named_and_kept(tmp_path: Path) -> None:
    """A target that breaks on two octets in a row, which coverage leads to."""
    planted = tmp_path / "fuzz" / "targets"
    planted.mkdir(parents=True)
    for name in ("__init__", "__main__", "process"):
        (tmp_path / "fuzz" / f"{name}.py").write_bytes((ROOT / "fuzz" / f"{name}.py").read_bytes())
    (planted / "__init__.py").touch()
    (planted / "planted.py").write_text(
        "def seeds():\n    yield b'seed'\n\n\n"
        "def check(data):\n    if data[:2] == b'ab':\n        raise ValueError('here it is')\n"
    )
    (tmp_path / "fuzz" / "corpus" / "planted").mkdir(parents=True)
    command = [sys.executable, "-m", "fuzz", "planted", "--minutes", "0.5", "--only", "plain"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "ValueError: here it is" in done.stdout
    (found,) = (tmp_path / "fuzz" / "found" / "planted").iterdir()
    assert found.read_bytes()[:2] == b"ab"


@pytest.mark.parametrize("text", ["\x1b[31m", "a\tb", "\u202e", "\x00"])
def test_active_characters_break_the_promise(text: str) -> None:
    with pytest.raises(AssertionError):
        promises.assert_inert(text)


def test_a_refusal_must_be_a_sentence_that_can_be_shown() -> None:
    with promises.one_sentence():
        raise CaptureError("x is no capture: give another.")
    with pytest.raises(AssertionError), promises.one_sentence():
        raise CaptureError("")
    with pytest.raises(ZeroDivisionError), promises.one_sentence():
        raise ZeroDivisionError


def test_constants_that_are_no_json_break_the_promise() -> None:
    with pytest.raises(AssertionError):
        json.loads("[NaN]", parse_constant=promises._refuse)


def test_choices_run_out_as_zeros() -> None:
    draws = Draws(b"\x01\x02\x00\x03abcdef")
    assert (draws.number(), draws.choice("abc")) == (1, "c")
    assert draws.pieces(2) == [b"abc", b"def"]
    assert (draws.number(2), draws.more(), draws.take(3)) == (0, False, b"")
