"""The systemd unit as it is printed: with the paths of this installation, or with a doubt."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from paths import ROOT

from auditor.cli import unit as module
from auditor.cli.unit import doubts, unit
from auditor.errors import OutputError

WRITTEN = (ROOT / "packaging" / "bareos-audit.service").read_text(encoding="utf-8")


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A program in a folder with blanks in its name, as if it were this one."""
    scripts = tmp_path / "my 100% $tools"
    scripts.mkdir()
    script = scripts / "bareos-audit"
    script.touch()
    monkeypatch.setattr("sysconfig.get_path", lambda name: {"scripts": str(scripts)}[name])
    return script


def begun(text: str) -> str:
    (line,) = (line for line in text.splitlines() if line.startswith("ExecStart="))
    return line.removeprefix("ExecStart=").partition(" capture $INTERFACE -w %S/")[0]


def test_only_the_program_differs_from_the_unit_of_the_sources(installed: Path) -> None:
    folder = str(installed.parent).replace("%", "%%")
    assert begun(unit()) == f'"{folder}/bareos-audit"'
    assert unit().replace(begun(unit()), "/usr/bin/bareos-audit") == WRITTEN


def test_systemd_takes_the_unit(installed: Path, tmp_path: Path) -> None:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd-analyze is not installed")
    shutil.copyfile("/bin/true", installed)
    installed.chmod(0o755)
    written = tmp_path / "bareos-audit.service"
    written.write_text(unit())
    command = ["systemd-analyze", "verify", "--man=no", written]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_without_a_script_the_interpreter_is_called(installed: Path) -> None:
    installed.unlink()
    assert begun(unit()) == f"{sys.executable} -m auditor"


def test_a_package_keeps_the_path_that_its_users_know(
    installed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    link = tmp_path / "bareos-audit"
    link.symlink_to(installed)
    monkeypatch.setattr(module, "_PROGRAM", link)
    monkeypatch.setattr(module, "_template", lambda: f"ExecStart={link} capture $INTERFACE -w %S/")
    assert begun(unit()) == str(link)


@pytest.mark.parametrize(
    ("path", "word"),
    [
        ("/opt/a/bin/x", "/opt/a/bin/x"),
        ('/opt/a"b/x', '"/opt/a\\"b/x"'),
        ("/opt/a\\b;c/x", '"/opt/a\\\\b;c/x"'),
        ("/opt/50%/x", "/opt/50%%/x"),
    ],
)
def test_a_path_is_one_word_of_systemd(path: str, word: str) -> None:
    assert module._escaped(Path(path)) == word


def test_what_the_service_may_not_enter_is_told(installed: Path, tmp_path: Path) -> None:
    (tmp_path / "closed").mkdir(mode=0o700)
    told = [*doubts()]
    assert told[0].startswith(f"the service cannot run {installed}, because its account may not")
    assert all(one.endswith("with a Python that all may run.") for one in told)


def test_what_all_may_run_raises_no_doubt(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_script", lambda: Path("/usr/bin/env"))
    monkeypatch.setattr(module, "_python", lambda: Path("/usr/bin/env"))
    assert not [*doubts()]
    monkeypatch.setattr(module, "_HOMES", (Path("/usr/bin"),))
    assert "may not enter /usr/bin:" in next(doubts())


def test_a_unit_that_was_lost_is_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "__file__", str(tmp_path / "auditor" / "cli" / "unit.py"))
    with pytest.raises(OutputError, match="the systemd unit is missing"):
        unit()
