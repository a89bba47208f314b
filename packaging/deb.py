"""Builds a Debian package: ``python packaging/deb.py``, on the Debian that it is meant for.

All that the program needs lies in /usr/lib/bareos-audit, a virtual environment of Debian's own
Python with the versions of requirements/run.lock; beside it are /usr/bin/bareos-audit, the systemd
unit, the manual page and what shells complete with. Needs pip, dpkg-deb and the index of packages.
"""

from __future__ import annotations

import argparse
import gzip
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from textwrap import dedent

_ROOT = Path(__file__).parents[1]
_NAME = "bareos-audit"
_HOME = f"usr/lib/{_NAME}"
_PYTHON = "/usr/bin/python3"
#: What the wheel installs below its prefix, and where Debian looks for it.
_SHARED = {
    "share/man/man1/bareos-audit.1": "usr/share/man/man1/bareos-audit.1",
    "share/bash-completion/completions/bareos-audit": "usr/share/bash-completion/completions",
    "share/zsh/site-functions/_bareos-audit": "usr/share/zsh/vendor-completions/_bareos-audit",
    "share/fish/vendor_completions.d/bareos-audit.fish": "usr/share/fish/vendor_completions.d",
}
#: Only dpkg's own files are in the package; the machine code is made at the first run.
_POSTRM = """\
#!/bin/sh
set -e
if [ "$1" = purge ]; then rm -rf /var/cache/bareos-audit; fi
if [ -d /run/systemd/system ]; then systemctl daemon-reload || true; fi
"""
_POSTINST = """\
#!/bin/sh
set -e
if [ -d /run/systemd/system ]; then systemctl daemon-reload || true; fi
"""
_PRERM = """\
#!/bin/sh
set -e
if [ "$1" = remove ] && [ -d /run/systemd/system ]; then
  systemctl disable --now bareos-audit.service || true
fi
"""


def build(wheel: Path, output: Path, compression: str) -> Path:
    """Return the package that was built of a wheel into a folder."""
    with TemporaryDirectory(prefix="bareos-audit-deb-") as top:
        tree = Path(top, "tree")
        tree.mkdir(mode=0o755)
        environment(tree, wheel)
        beside(tree)
        control(tree, version := wheel.name.split("-")[1])
        package = output / f"{_NAME}_{version}_{_told('dpkg', '--print-architecture')}.deb"
        command = ["dpkg-deb", "--root-owner-group", f"-Z{compression}", "--build", tree, package]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return package


def environment(tree: Path, wheel: Path) -> None:
    """Make the virtual environment, with nothing in it that names the place where it was made."""
    home = tree / _HOME
    subprocess.run([_PYTHON, "-m", "venv", "--without-pip", home], check=True)
    pip = [sys.executable, "-m", "pip", "--python", home / "bin" / "python3", "install"]
    pip += ["--quiet", "--no-compile", "--disable-pip-version-check", "--no-warn-script-location"]
    lock = _ROOT / "requirements" / "run.lock"
    subprocess.run([*pip, "--require-hashes", "--requirement", lock], check=True)
    subprocess.run([*pip, "--no-deps", wheel], check=True)
    for script in (home / "bin").iterdir():
        if not script.name.startswith("python"):
            script.unlink()
    program = home / "bin" / _NAME
    program.write_text(f"#!/{_HOME}/bin/python3\nfrom auditor.cli.main import main\nmain()\n")
    program.chmod(0o755)
    settings = (home / "pyvenv.cfg").read_text().splitlines()
    kept = [line for line in settings if not line.startswith("command")]
    (home / "pyvenv.cfg").write_text("\n".join(kept) + "\n")
    for path in [*home.rglob("direct_url.json"), *home.rglob("RECORD")]:
        path.unlink()
    _compile(tree, home)


def _compile(tree: Path, home: Path) -> None:
    """Compile all modules, so that no run as root writes what dpkg does not know; without the
    libraries' own tests, which are a fifth of them."""
    packages = next((home / "lib").glob("python3.*/site-packages"))
    for tests in [*packages.glob("*/**/tests"), *packages.glob("*/**/test")]:
        shutil.rmtree(tests, ignore_errors=True)
    command = [_PYTHON, "-m", "compileall", "-q", "-j0", "-s", tree, "-p", "/"]
    command += ["--invalidation-mode", "unchecked-hash", packages]
    subprocess.run(command, check=True)


def beside(tree: Path) -> None:
    """Place what lies outside of the environment."""
    (tree / "usr/bin").mkdir(parents=True)
    (tree / "usr/bin" / _NAME).symlink_to(f"/{_HOME}/bin/{_NAME}")
    for source, place in _SHARED.items():
        target = tree / place
        target = target if target.name.endswith(Path(source).name) else target / Path(source).name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(tree / _HOME / source, target)
    shutil.rmtree(tree / _HOME / "share")
    _pack(tree / "usr/share/man/man1/bareos-audit.1")
    unit = tree / "usr/lib/systemd/system/bareos-audit.service"
    unit.parent.mkdir(parents=True)
    shutil.copyfile(_ROOT / "packaging" / unit.name, unit)
    documents = tree / "usr/share/doc" / _NAME
    shutil.copytree(_ROOT / "docs", documents / "docs", ignore=shutil.ignore_patterns("*.py"))
    shutil.copyfile(_ROOT / "README.md", documents / "README.md")
    shutil.copyfile(_ROOT / "LICENSE", documents / "copyright")
    shutil.copyfile(_ROOT / "CHANGELOG.md", documents / "changelog")
    _pack(documents / "changelog")


def control(tree: Path, version: str) -> None:
    """Write what dpkg has to know."""
    folder = tree / "DEBIAN"
    folder.mkdir()
    major, minor = map(int, _told(_PYTHON, "-c", _VERSION).split("."))
    octets = sum(path.lstat().st_size for path in tree.rglob("*") if not path.is_dir())
    (folder / "control").write_text(
        dedent(f"""\
        Package: {_NAME}
        Version: {version}
        Architecture: {_told("dpkg", "--print-architecture")}
        Maintainer: the bareos-audit authors <bareos-audit@localhost>
        Installed-Size: {octets >> 10}
        Depends: python3 (>= {major}.{minor}), python3 (<< {major}.{minor + 1})
        Recommends: libbpf1
        Suggests: tshark, wireshark-common
        Section: net
        Priority: optional
        Description: proves from packets that a Bareos network behaves as configured
         Audits who dials whom, under which name, with TLS or without and with which
         heartbeat, from captures, live by eBPF, and from the configuration.
        """)
    )
    for name, script in (("postinst", _POSTINST), ("prerm", _PRERM), ("postrm", _POSTRM)):
        (folder / name).write_text(script)
        (folder / name).chmod(0o755)


_VERSION = "import sys; print('%d.%d' % sys.version_info[:2])"


def _told(*command: str) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def _pack(path: Path) -> None:
    """Compress a file as Debian has manual pages and changes, without the time in it."""
    packed = path.with_name(f"{path.name}.gz")
    packed.write_bytes(gzip.compress(path.read_bytes(), mtime=0))
    path.unlink()


def wheels(folder: Path) -> Iterator[Path]:
    """Build a wheel of this checkout."""
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps"]
    subprocess.run([*command, "--wheel-dir", folder, _ROOT], check=True)
    yield from Path(folder).glob("*.whl")


def main() -> None:
    """Build the package, and print where it is."""
    options = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    options.add_argument("--wheel", type=Path, help="take this wheel instead of building one")
    options.add_argument("--output", type=Path, default=_ROOT / "dist", help="folder, not dist")
    options.add_argument("--compression", default="xz", help="as dpkg-deb -Z has it: none, zstd")
    given = options.parse_args()
    os.umask(0o022)
    given.output.mkdir(exist_ok=True)
    with TemporaryDirectory() as folder:
        wheel = given.wheel or next(wheels(Path(folder)))
        sys.stdout.write(f"{build(wheel, given.output, given.compression)}\n")


if __name__ == "__main__":
    main()
