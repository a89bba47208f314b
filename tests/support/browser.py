"""A headless Chromium that opens reports: what it complains about, what it asks for, and what
axe-core finds.

The driver is playwright, the browser the system's own (Debian: ``chromium``). axe-core, under
MPL-2.0, comes in the wheel of axe-playwright-python; both are only for tests.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from needs import needs
from playwright.sync_api import Browser, Page, sync_playwright


@needs("browser", "slow")
@contextmanager
def started() -> Iterator[Browser]:
    """Give a browser. One for many tests: starting takes a second."""
    # A browser has no sandbox as root; what it opens here, we made.
    options = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as driver:
        program = shutil.which("chromium")
        browser = driver.chromium.launch(executable_path=program, args=options)
        yield browser
        browser.close()


class Opened:
    """A page that is open: ``page`` is playwright's, ``said`` its console, ``asked`` its requests
    but for the file itself."""

    def __init__(self, page: Page, file: Path) -> None:
        self.page = page
        self.said: list[str] = []
        self.asked: list[str] = []
        page.on("console", lambda message: self.said.append(message.text))
        page.on("pageerror", lambda error: self.said.append(str(error)))
        page.on("dialog", lambda dialog: (self.said.append(dialog.message), dialog.dismiss()))
        page.on("request", lambda request: self.asked.append(request.url))
        page.goto(file.as_uri())
        self.asked.remove(file.as_uri())

    def faults(self) -> list[str]:
        """Return what axe-core finds, one line each; what is folded is opened for it."""
        self.page.evaluate("document.querySelectorAll('details').forEach((one) => one.open = true)")
        only = {"resultTypes": ["violations"]}
        found: Any = Axe().run(self.page, options=only).response["violations"]
        return [
            f"{one['id']}: {node['html'][:200]} {node['failureSummary']}"
            for one in found
            for node in one["nodes"]
        ]

    def shown(self, what: str) -> list[str]:
        """Return the texts of the elements that can be seen."""
        return [one.inner_text() for one in self.page.locator(what).all() if one.is_visible()]


@contextmanager
def opened(browser: Browser, folder: Path, text: str, **options: Any) -> Iterator[Opened]:
    """Give a report as a browser opens it from disk; ``options`` are those of a context:
    ``color_scheme``, ``viewport``, ``java_script_enabled`` …"""
    file = folder / "report.html"
    file.write_text(text, encoding="utf-8")
    context = browser.new_context(**options)
    yield Opened(context.new_page(), file)
    context.close()
