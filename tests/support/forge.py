"""Text that a forge, a browser or a terminal may take for more than text."""

from __future__ import annotations

import re

from markdown_it.token import Token

#: What a forge makes links, mentions or pictures of in text that is no code.
FORGE = re.compile(r"(?i)@\w|#\d|gh-\d|://|\bwww\.|:[\w+-]+:|(?=[a-f]*\d)\b[0-9a-f]{7,40}\b")

EVIL = [
    "<script>alert(1)</script>",
    "</details><img src=x onerror=alert(1)>",
    "<!-- -->",
    "[click](https://evil.example)",
    "![x](https://evil.example/x.png)",
    "[a]: https://evil.example",
    "https://evil.example",
    "www.evil.example",
    "root@evil.example",
    "@everyone",
    "please-@everyone.",
    "#1",
    "octocat/hello#42",
    "GH-17",
    "deadbeef01234567",
    ":skull:",
    "fd77::2:100:3",
    "`code`",
    "``a`b``",
    "`",
    "\\",
    "a\\|b",
    "a | b |",
    "| - |",
    "*bold* _em_ ~~gone~~",
    "$x^2$",
    "&lt;b&gt; &#64;everyone",
    "# heading",
    "- item",
    "+ item",
    "1. item",
    "1) item",
    "---",
    "===",
    "> quote",
    "```",
    "~~~",
    "    indented",
    "x\n\n# heading",
    "\u202etxt.exe",
    "\x1b[2J",
    "-",
    "…",
]


def inline(tokens: list[Token]) -> list[Token]:
    """Return what stands in the lines of blocks."""
    return [child for token in tokens for child in token.children or ()]
