"""Text that came from a wire or a file, made safe to show."""

from __future__ import annotations

import unicodedata

#: Unicode categories that can move the cursor, hide text or reorder it on a terminal: controls
#: (Cc), formats such as bidi marks (Cf), surrogates (Cs), private use (Co), line and paragraph
#: separators (Zl, Zp).
_UNSAFE = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})

#: Characters of a sentence of our own, which may hold names and several places.
SENTENCE = 1000


def printable(text: str, limit: int = 256) -> str:
    """Return ``text`` with every unsafe character replaced by ``?``, cut to ``limit`` characters.

    The cut is marked with ``…``. Use it on every string born on the wire or in a capture file
    before the string enters a table, a message or a log.
    """
    if len(text) <= limit and text.isprintable():  # which no unsafe character is
        return text
    cleaned = "".join("?" if unicodedata.category(c) in _UNSAFE else c for c in text[: limit + 1])
    return cleaned if len(cleaned) <= limit else cleaned[: limit - 1] + "…"
