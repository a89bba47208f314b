"""Draws ``docs/report.svg``: the report of ``make demo`` as a terminal shows it.

``python docs/picture.py`` after any change to the report.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

from rich.console import Console
from rich.text import Text

_ROOT = Path(__file__).parent.parent
_WIDTH = 108
_LINES = 47


def main() -> None:
    """Run the command in colour and write the picture of its first screen."""
    command = [
        str(Path(sys.executable).with_name("bareos-audit")), "analyze",
        "captures/trouble/capture.pcap", "--config", "captures/trouble/config",
        "--no-resolve", "--exit-zero",
    ]  # fmt: skip
    environment = {**os.environ, "FORCE_COLOR": "1", "COLUMNS": str(_WIDTH)}
    done = subprocess.run(
        command, cwd=_ROOT, env=environment, capture_output=True, text=True, check=True
    )
    shown = "\n".join(done.stdout.splitlines()[:_LINES])
    with Path(os.devnull).open("w") as nowhere:
        console = Console(record=True, width=_WIDTH, file=nowhere, force_terminal=True)
        console.print(Text.from_ansi(shown), soft_wrap=True)
    picture = console.export_svg(title="bareos-audit analyze", unique_id="report")
    # A picture that fetches fonts from elsewhere tells elsewhere who looks at it.
    picture = re.sub(r"@font-face \{[^}]*\}", "", picture)
    picture = picture.replace("Fira Code", "ui-monospace, DejaVu Sans Mono")
    picture = picture.replace("<text ", '<text xml:space="preserve" ')
    (_ROOT / "docs" / "report.svg").write_text(picture, encoding="utf-8")


if __name__ == "__main__":
    main()
