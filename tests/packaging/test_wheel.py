"""The wheel stands alone: installed away from the checkout it finds its rules and audits."""

import json
import os
import re
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from datetime import date
from pathlib import Path

import pytest
from paths import ROOT

from auditor.cli.main import cli
from auditor.cli.man_page import man_page

CHECKOUT = ROOT


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation",
         "--wheel-dir", folder, CHECKOUT],
        env={**os.environ, "SOURCE_DATE_EPOCH": "86400"},
        check=True,
    )  # fmt: skip
    return next(folder.glob("*.whl"))


def run_installed(target: Path, code: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run Python with the installed copy first on the path, far from the checkout, un-jitted so
    that nothing has to be compiled for a folder that is gone afterwards."""
    prelude = f"import sys; sys.path.insert(0, {str(target)!r}); "
    return subprocess.run(
        [sys.executable, "-P", "-c", prelude + code, *arguments],
        cwd=target,
        env={**os.environ, "NUMBA_DISABLE_JIT": "1"},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("site")
    subprocess.run(
        [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", target, wheel],
        check=True,
    )
    return target


def test_the_wheel_holds_the_rules_and_nothing_of_the_tests(wheel: Path):
    names = zipfile.ZipFile(wheel).namelist()
    folder = CHECKOUT / "rules"
    rules = {str(path.relative_to(folder)) for path in folder.rglob("*.yaml")}
    assert "configuration/time-in-months.yaml" in rules
    assert {name.partition("/_rules/")[2] for name in names if "/_rules/" in name} == rules
    assert not [name for name in names if name.startswith(("tests/", "captures/", "notebooks/"))]
    assert "auditor/py.typed" in names
    assert "auditor/_notebooks/security-review.ipynb" in names
    parts = {name.rpartition("/")[2] for name in names if "report/html/templates/" in name}
    assert {"audit.html", "style.css", "script.js"} <= parts


def test_the_wheel_holds_the_unit_the_manual_page_and_what_shells_complete_with(wheel: Path):
    with zipfile.ZipFile(wheel) as packed:
        held = {name: packed.read(name) for name in packed.namelist() if "/share/" in name}
        unit = packed.read("auditor/_unit/bareos-audit.service")
    assert unit == (CHECKOUT / "packaging" / "bareos-audit.service").read_bytes()
    found = {name.partition("/share/")[2]: content for name, content in held.items()}
    assert found.keys() == {
        "man/man1/bareos-audit.1",
        "bash-completion/completions/bareos-audit",
        "zsh/site-functions/_bareos-audit",
        "fish/vendor_completions.d/bareos-audit.fish",
    }
    assert found["man/man1/bareos-audit.1"] == man_page(cli, date(1970, 1, 2)).encode()
    assert found["zsh/site-functions/_bareos-audit"].startswith(b"#compdef bareos-audit\n")


def test_the_description_for_an_index_is_the_readme_without_links_into_the_sources(wheel: Path):
    with zipfile.ZipFile(wheel) as packed:
        (name,) = (name for name in packed.namelist() if name.endswith("dist-info/METADATA"))
        metadata = packed.read(name).decode()
    assert "Description-Content-Type: text/markdown" in metadata
    assert "Project-URL: " in metadata
    assert "\n# bareos-audit\n" in metadata
    assert not re.findall(r"\]\((?!https:)[^)]+\)", metadata)


def test_the_source_package_holds_what_builds_and_explains_and_nothing_else(tmp_path: Path):
    code = "from hatchling.build import build_sdist; import sys; print(build_sdist(sys.argv[1]))"
    command = [sys.executable, "-c", code, tmp_path]
    done = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=True)
    with tarfile.open(tmp_path / done.stdout.splitlines()[-1]) as packed:
        names = [name.partition("/")[2] for name in packed.getnames()]
    tops = {name.partition("/")[0] for name in names}
    assert tops == {
        *("auditor", "rules", "docs", "notebooks", "packaging"),
        *("README.md", "CHANGELOG.md", "LICENSE", "pyproject.toml", "PKG-INFO", ".gitignore"),
    }
    assert {"packaging/build_hook.py", "auditor/capture/bpf/bareos_audit.bpf.o"} <= {*names}
    assert not [name for name in names if name.endswith((".pyc", ".pcap"))]
    notebooks = [name for name in names if name.endswith(".ipynb")]
    assert notebooks == ["notebooks/security-review.ipynb"]


def test_the_installed_copy_is_the_one_that_runs(installed: Path):
    code = "import auditor.site.connections as r; print(r.__file__); print(r.rules_directory())"
    module, rules = run_installed(installed, code).stdout.split()
    assert Path(module).is_relative_to(installed)
    assert Path(rules) == installed / "auditor" / "_rules"


def test_the_installed_copy_audits_a_recording(installed: Path):
    recording = CHECKOUT / "captures" / "trouble"
    code = "from auditor.cli.main import main; main()"
    done = run_installed(
        installed, code, "analyze", str(recording / "capture.pcap"),
        "--config", str(recording / "config"), "--no-resolve", "--format", "json",
    )  # fmt: skip
    assert done.returncode == 14, done.stderr
    report = json.loads(done.stdout)
    assert report["summary"]["by_connection"]["5a"] == 2
    assert {f["rule"] for f in report["findings"]} >= {"unknown-initiator", "connection-unanswered"}


def test_no_pyyaml_that_expands_merge_bombs_is_allowed() -> None:
    """Below 6.0.4 a few hundred bytes of merge keys take all memory."""
    project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert "PyYAML>=6.0.4" in project["dependencies"]
    for lock in (CHECKOUT / "requirements").glob("*.lock"):
        assert re.search(r"^pyyaml==6\.0\.([4-9]|\d\d)", lock.read_text(encoding="utf-8"), re.M)
