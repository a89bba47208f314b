"""The Debian package is built, installed, used and purged as dpkg does it.

All of that happens in an overlay of this machine's root, in a mount namespace of its own: nothing
of it is left, and no other test sees it.
"""

from __future__ import annotations

import shlex
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from paths import ROOT

from auditor.version import __version__

pytestmark = [pytest.mark.root, pytest.mark.slow]

#: Within the overlay, ``$1`` is a folder on the disk: an upper layer in it may be large.
_OVERLAY = """\
set -e
mkdir "$1/upper" "$1/work" "$1/root"
mount -t overlay overlay -o "lowerdir=/,upperdir=$1/upper,workdir=$1/work" "$1/root"
for place in proc dev sys; do mount --rbind "/$place" "$1/root/$place"; done
mount --bind "$2" "$1/root/mnt"
mount --bind "$3" "$1/root/srv"
exec chroot "$1/root" sh -ec "$4"
"""


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("deb")
    pip = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation"]
    subprocess.run([*pip, "--wheel-dir", folder, ROOT], check=True)
    (wheel,) = folder.glob("*.whl")
    command = [sys.executable, ROOT / "packaging" / "deb.py", "--wheel", wheel]
    command += ["--output", folder, "--compression", "none"]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return Path(done.stdout.strip())


@pytest.fixture(scope="module")
def said(package: Path) -> dict[str, str]:
    """What each step says, from the installation to the purge."""
    steps = {
        "install": f"dpkg --force-unsafe-io --install /mnt/{package.name}",
        "version": "bareos-audit -V",
        "audit": "NUMBA_DISABLE_JIT=1 bareos-audit analyze /srv/trouble/capture.pcap "
        "--config /srv/trouble/config --no-resolve --exit-zero -o - -o /tmp/audit.html",
        "page": "head -c 100 /tmp/audit.html",
        "unit": "bareos-audit doctor --unit",
        "man": "man --where bareos-audit",
        "completion": ". /usr/share/bash-completion/completions/bareos-audit; "
        "COMP_WORDS=(bareos-audit rules login-r) COMP_CWORD=2; "
        "_bareos_audit_completion bareos-audit; echo ${COMPREPLY[*]}",
        "verify": "dpkg --verify bareos-audit",
        "purge": "mkdir -p /var/cache/bareos-audit; dpkg --purge bareos-audit",
        "left": "ls -d /usr/lib/bareos-audit /usr/bin/bareos-audit /var/cache/bareos-audit "
        "2>/dev/null || true",
    }
    script = "".join(
        f"echo '=== {name}'; bash -ec {shlex.quote(step)}\n" for name, step in steps.items()
    )
    with TemporaryDirectory(dir="/var/tmp", prefix="bareos-audit-deb-") as top:
        command = ["unshare", "--mount", "sh", "-c", _OVERLAY, "sh", top]
        command += [package.parent, ROOT / "captures", script]
        environment = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8"}
        done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    parts = done.stdout.split("=== ")[1:]
    return {name: rest.strip() for name, _, rest in (part.partition("\n") for part in parts)}


def test_it_installs_runs_and_leaves_nothing(said: dict[str, str]) -> None:
    assert said["version"] == f"bareos-audit {__version__}"
    assert said["audit"].startswith("fail (high): 3 findings")
    assert said["page"].startswith("<!DOCTYPE html>"), (
        "with pictures, by a library without its tests"
    )
    assert said["unit"].splitlines() == _lines("packaging/bareos-audit.service")
    assert said["man"] == "/usr/share/man/man1/bareos-audit.1.gz"
    assert said["completion"] == "login-refused"
    assert said["verify"] == "", "no run writes what dpkg does not know"
    assert "Purging" in said["purge"] or "Removing" in said["purge"]
    assert said["left"] == ""


def _lines(name: str) -> list[str]:
    return (ROOT / name).read_text(encoding="utf-8").strip().splitlines()


def test_nothing_in_it_names_the_place_where_it_was_built(package: Path) -> None:
    listed = subprocess.run(
        ["dpkg-deb", "--contents", package], capture_output=True, text=True, check=True
    ).stdout
    owners = {line.split()[1] for line in listed.splitlines()}
    assert owners == {"root/root"}
    assert "direct_url.json" not in listed
    assert " -> /usr/lib/bareos-audit/bin/bareos-audit" in listed
    assert " -> /usr/bin/python3" in listed
    fields = subprocess.run(
        ["dpkg-deb", "--field", package], capture_output=True, text=True, check=True
    ).stdout
    assert f"Version: {__version__}\n" in fields
    assert "Depends: python3 (>= 3." in fields
