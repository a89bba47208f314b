"""Where a section of Bareos' manual is read on the web: ``rules/manual.yaml``."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from auditor.errors import RuleError
from auditor.site.connections import rules_directory
from auditor.site.shipped import shipped_yaml

_TOP = "https://docs.bareos.org/"


@cache
def manual_pages() -> Mapping[str, str]:
    """Return the page of each section that is known. Raises RuleError where the installation lost
    them."""
    file = rules_directory() / "manual.yaml"
    pages = shipped_yaml(file)
    if not isinstance(pages, dict) or not all(isinstance(page, str) for page in pages.values()):
        raise RuleError("each section needs a page", str(file))
    return pages


def manual_url(section: str) -> str:
    """Return the address of a section that a rule names; empty where none is known: an address is
    never taken from a rule or a report, which anybody may have written."""
    page = manual_pages().get(section)
    return "" if page is None else _TOP + page
