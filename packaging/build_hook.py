"""What a wheel holds beside the package, made from the commands: the manual page, and what shells
complete with."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

_MAN = """\
import os, sys, time
from datetime import datetime, timezone
from auditor.cli.main import cli
from auditor.cli.man_page import man_page
made = float(os.environ.get("SOURCE_DATE_EPOCH") or time.time())  # reproducible-builds.org
sys.stdout.write(man_page(cli, datetime.fromtimestamp(made, timezone.utc).date()))
"""
#: What is run, and where its output is installed below the prefix.
MADE = {
    "share/man/man1/bareos-audit.1": ("-c", _MAN),
    "share/bash-completion/completions/bareos-audit": ("-m", "auditor", "completion", "bash"),
    "share/zsh/site-functions/_bareos-audit": ("-m", "auditor", "completion", "zsh"),
    "share/fish/vendor_completions.d/bareos-audit.fish": ("-m", "auditor", "completion", "fish"),
}


class CustomBuildHook(BuildHookInterface[Any]):
    """Called by hatchling, which finds it by this name."""

    _folder: TemporaryDirectory[str]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Make the files, and have them installed."""
        del version
        self._folder = TemporaryDirectory()
        for place, arguments in MADE.items():
            file = Path(self._folder.name, place)
            file.parent.mkdir(parents=True)
            command = [sys.executable, *arguments]
            done = subprocess.run(command, cwd=self.root, stdout=subprocess.PIPE, check=True)
            file.write_bytes(done.stdout)
            build_data["shared_data"][str(file)] = place

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        """Remove what is in the wheel now."""
        del version, build_data, artifact_path
        self._folder.cleanup()
