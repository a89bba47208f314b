"""Draws ``docs/report.svg``, the report of ``make demo`` as a terminal shows it, and
``docs/report.png``, how its HTML page begins.

``python docs/picture.py`` after any change to the report. The page takes playwright and Chromium.
"""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from PIL import Image, PngImagePlugin
from rich.console import Console
from rich.text import Text

_ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(_ROOT / "tests" / "support"))
try:
    from browser import started
except ImportError:  # without playwright
    started = None

_WIDTH = 108
_LINES = 47


_PAGE = (1120, 2400)
#: Colours of the picture of the page: it has few, and each takes room.
_COLOURS = 96


def _run(*more: str, **environment: str) -> str:
    command = [
        str(Path(sys.executable).with_name("bareos-audit")), "analyze",
        "captures/trouble/capture.pcap", "--config", "captures/trouble/config",
        "--no-resolve", "--exit-zero", *more,
    ]  # fmt: skip
    done = subprocess.run(
        command,
        cwd=_ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


def _draw_terminal() -> None:
    """Run the command in colour and write the picture of its first screen."""
    told = _run(FORCE_COLOR="1", COLUMNS=str(_WIDTH))
    shown = "\n".join(told.splitlines()[:_LINES])
    with Path(os.devnull).open("w") as nowhere:
        console = Console(record=True, width=_WIDTH, file=nowhere, force_terminal=True)
        console.print(Text.from_ansi(shown), soft_wrap=True)
    picture = console.export_svg(title="bareos-audit analyze", unique_id="report")
    # A picture that fetches fonts from elsewhere tells elsewhere who looks at it.
    picture = re.sub(r"@font-face \{[^}]*\}", "", picture)
    picture = picture.replace("Fira Code", "ui-monospace, DejaVu Sans Mono")
    picture = picture.replace("<text ", '<text xml:space="preserve" ')
    (_ROOT / "docs" / "report.svg").write_text(picture, encoding="utf-8")


def _draw_page() -> None:
    """Write what a browser shows of the page down to its first finding, and in the picture's own
    text the headings of the page, by which a test knows that it is of this one."""
    if started is None:
        sys.exit("docs/report.png stays as it was: it takes playwright and Chromium")
    with tempfile.TemporaryDirectory() as name, started() as browser:
        file = Path(name) / "report.html"
        _run("-o", str(file))
        width, height = _PAGE
        context = browser.new_context(
            color_scheme="light", viewport={"width": width, "height": height}
        )
        page = context.new_page()
        page.goto(file.as_uri())
        ends = page.locator("#findings").bounding_box()
        assert ends is not None
        clip = {"x": 0, "y": 0, "width": width, "height": ends["y"] - 8}
        shot = Image.open(io.BytesIO(page.screenshot(clip=clip)))
        headings = page.locator("h2:visible").all_inner_texts()
    known = PngImagePlugin.PngInfo()
    known.add_text("Description", "\n".join(headings))
    few = shot.convert("RGB").quantize(_COLOURS, dither=Image.Dither.NONE)
    few.save(_ROOT / "docs" / "report.png", optimize=True, pnginfo=known)


def main() -> None:
    """Draw both."""
    _draw_terminal()
    _draw_page()


if __name__ == "__main__":
    main()
