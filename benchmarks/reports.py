"""What the report of many connections costs: ``python benchmarks/reports.py [FLOWS]`` (20 000).

They are those of ``captures/trouble`` with their findings, many times over, in 150 networks. Prints
wall and user seconds of each format, their sum, sizes, and, where playwright and Chromium are, how
long the page takes to open, to filter and to search.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from auditor.report import Format, reporter
from auditor.report.parquet import save_parquet
from auditor.result import Audit

sys.path.insert(0, str(Path(__file__).parent.parent / "tests" / "support"))
from many import many

try:
    from browser import started
except ImportError:  # without playwright
    started = None


def _written(audit: Audit, chosen: Format, file: Path) -> None:
    with file.open("w", encoding="utf-8") as out:
        out.writelines(reporter(chosen).audit_parts(audit))


def _cost(what: str, work: Any, file: Path) -> float:
    begin, cpu = time.perf_counter(), os.times().user
    work()
    wall, cpu = time.perf_counter() - begin, os.times().user - cpu
    size = file.stat().st_size / 1e6 if file.exists() else 0.0
    print(f"{what:10} {wall:6.2f} s wall {cpu:6.2f} s user {size:8.2f} MB", flush=True)
    return wall


def _formats(audit: Audit, folder: Path) -> None:
    total = 0.0
    for one in Format:
        file = folder / f"report.{one}"
        total += _cost(one, lambda one=one, file=file: _written(audit, one, file), file)
    file = folder / "report.parquet"
    flows = folder / "report.flows.parquet"
    total += _cost("parquet", lambda: save_parquet(audit.tables, str(file)), flows)
    print(f"{'together':10} {total:6.2f} s wall")


def _browsed(file: Path, rounds: int = 5) -> Iterable[tuple[str, float]]:
    """Yield what a reader waits for: the page to be drawn, an arrow's filter, and a search."""
    with started() as browser:
        for _ in range(rounds):
            page = browser.new_page()
            begin = time.perf_counter()
            page.goto(file.as_uri())
            page.evaluate(_DRAWN)
            yield "open", time.perf_counter() - begin
            for number in ("5a", "6"):
                button = f"#overview svg [data-choose='{number}']"
                yield "filter", page.evaluate(_FILTERED, button) / 1000
            yield "search", page.evaluate(_SEARCHED, "fd1-7") / 1000
            page.close()


_DRAWN = "new Promise((done) => requestAnimationFrame(() => setTimeout(done, 0)))"
_AFTER = f"await {_DRAWN}; return performance.now() - begin;"
_FILTERED = f"""async (which) => {{
    const begin = performance.now();
    document.querySelector(which).dispatchEvent(new MouseEvent('click', {{bubbles: true}}));
    {_AFTER}
}}"""
_SEARCHED = f"""async (text) => {{
    const field = document.querySelector('[data-grid=connections] input');
    field.value = text;
    const begin = performance.now();
    field.dispatchEvent(new Event('input', {{bubbles: true}}));
    {_AFTER}
}}"""


def main() -> None:
    """Print the figures."""
    audit = many(int(sys.argv[1]) if len(sys.argv) > 1 else 20_000)
    print(f"{len(audit.tables['flows']):,} flows, {len(audit.tables['findings']):,} findings")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _formats(audit, folder)
        page = folder / f"report.{Format.HTML}"
        if started is None:
            print("no playwright: the page was not opened")
            return
        waited = list(_browsed(page.rename(page.with_suffix(".html"))))
        for what in dict.fromkeys(what for what, _ in waited):
            times = sorted(seconds for one, seconds in waited if one == what)
            print(f"{what:10} {times[len(times) // 2]:6.3f} s median {times[-1]:6.3f} s worst")


if __name__ == "__main__":
    main()
