"""Foreign text in the markup that notebooks show: nothing in it is markup, or mathematics."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from auditor.text.printable import SENTENCE, printable

#: Classes by which MathJax leaves an element alone: ``$`` in a name begins no formula.
NO_MATH = "tex2jax_ignore mathjax_ignore"

#: An option, a column or a command in a sentence, as our sentences write them.
_CODE = re.compile(r"`([\w-]+(?: [\w-]+)*)`")


def inert(text: object) -> str:
    """Return a text for markup, without controls and marks that reorder it."""
    from html import escape  # with the names of all characters, which a terminal needs none of

    return escape(printable(str(text), SENTENCE))


def with_code(escaped: str) -> str:
    """Return markup in which the options and columns between backticks are code; nothing that has
    to be escaped can stand in one."""
    return _CODE.sub(r"<code>\1</code>", escaped)


def html_table(columns: Sequence[str], rows: Iterable[Sequence[object]], caption: str = "") -> str:
    """Return a table whose headings and cells are texts; an empty caption is left out."""
    head = "".join(f"<th>{inert(name)}</th>" for name in columns)
    body = "".join(f"<tr>{''.join(f'<td>{inert(cell)}</td>' for cell in row)}</tr>" for row in rows)
    told = f"<caption>{inert(caption)}</caption>" if caption else ""
    head = f"<thead><tr>{head}</tr></thead>"
    return f'<table class="{NO_MATH}">{told}{head}<tbody>{body}</tbody></table>'
