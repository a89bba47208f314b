"""Foreign text on a page: as text in markup, and as data in a script element."""

from __future__ import annotations

import json
from typing import Any

from markupsafe import Markup, escape

from auditor.text import printable
from auditor.text.markup import with_code

#: Characters of one text; a whole evidence line fits, and names of 4 kB cannot flood a page.
_LIMIT = 2000


def shown(value: Any) -> Any:
    """Return what a template prints for a value: texts without control characters, marks that
    reorder text, and excess length. Our own markup stays; the template escapes the rest."""
    if isinstance(value, str) and not isinstance(value, Markup):
        return printable(value, _LIMIT)
    return value


def coded(sentence: str) -> Markup:
    """Return a sentence with the options and columns that it writes between backticks as code; all
    the rest is text."""
    return Markup(with_code(str(escape(shown(sentence)))))


def as_data(value: Any) -> Markup:
    """Return plain values as JSON that no text in it can end, within ``<script>`` (WHATWG HTML,
    "Restrictions for contents of script elements")."""
    told = json.dumps(_cleaned(value), allow_nan=False, separators=(",", ":"))
    return Markup(told.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026"))


def _cleaned(value: Any) -> Any:
    match value:
        case str():
            return printable(value, _LIMIT)
        case list() | tuple():
            return [_cleaned(one) for one in value]
        case dict():
            return {key: _cleaned(one) for key, one in value.items()}
        case _:
            return value
