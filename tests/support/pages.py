"""HTML reports as tests read them: parsed, without any browser."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

from audits import CAPTURE, FINDING, FLOW, made

from auditor.report import Format, reporter
from auditor.result import Audit

#: What others may call themselves.
HOSTILE = [
    "<script>alert(1)</script>",
    "</script><script>alert(1)</script>",
    "<!--<script>",
    '"><img src=x onerror=alert(1)>',
    "' onfocus=alert(1) autofocus '",
    "]]></style><style>*{display:none}",
    "{{ 7 * 7 }}{% include 'x' %}",
    "\x1b[2J\x9b31m\u202eevil\u2066\u200f\x07",
    "&lt;b&gt;&amp;",
    "x" * 4096,
    "\ufffe\uffff\U0010ffff\ud800",
]

#: Elements that have no end tag (WHATWG HTML, "Void elements").
VOID = {"meta", "link", "input", "br", "hr", "img"}


@dataclass
class Element:
    """One element with what is in it."""

    tag: str
    attributes: dict[str, str]
    inside: list[Element | str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """All of its text, blanks made one."""
        parts = (one if isinstance(one, str) else one.text for one in self.inside)
        return " ".join("".join(parts).split())

    def find(self, tag: str = "", **attributes: str) -> list[Element]:
        """Return the elements below it with this tag and these attributes: ``of_class``, ``id``,
        ``data_choose`` …"""
        found = []
        for one in self.inside:
            if isinstance(one, Element):
                if one._is(tag, attributes):
                    found.append(one)
                found += one.find(tag, **attributes)
        return found

    def _is(self, tag: str, wanted: dict[str, str]) -> bool:
        for name, value in wanted.items():
            if name == "of_class":
                if value not in self.attributes.get("class", "").split():
                    return False
            elif self.attributes.get(name.replace("_", "-")) != value:
                return False
        return not tag or self.tag == tag


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.top = Element("", {})
        self.open = [self.top]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        made = Element(tag, {name: value or "" for name, value in attrs})
        self.open[-1].inside.append(made)
        if tag not in VOID:
            self.open.append(made)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.open[-1].inside.append(Element(tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        assert self.open[-1].tag == tag, f"</{tag}> ends <{self.open[-1].tag}>"
        self.open.pop()

    def handle_data(self, data: str) -> None:
        self.open[-1].inside.append(data)


def parsed(text: str) -> Element:
    """Return a page as elements; every one that begins must end, in order."""
    reader = _Reader()
    reader.feed(text)
    reader.close()
    assert reader.open == [reader.top]
    return reader.top


def page_of(audit: Audit) -> Element:
    """Return the page of an audit."""
    return parsed(reporter(Format.HTML).audit(audit))


def rows_of(page: Element, what: str) -> Any:
    """Return the rows that the script of a page shows of one table."""
    (grid,) = page.find("div", data_grid=what)
    (script,) = grid.find("script")
    return json.loads(script.text)


def without_pictures(text: str) -> str:
    """Return a page without its style, its script and what plots are drawn with, for golden files:
    their texts stay."""
    text = re.sub(r"(?s)<style>.*?</style>", "<style>STYLE</style>", text)
    text = re.sub(r"(?s)<script>.*?</script>", "<script>SCRIPT</script>", text)
    text = re.sub(r"sha256-[\w+/=]*", "HASH", text)
    return re.sub(r"(?s)(<svg class=\"plot.*?>).*?(</svg>)", _words_of, text)


def _words_of(match: re.Match[str]) -> str:
    words = re.findall(r"<text[^>]*>([^<]*)</text>", match[0])
    return "\n".join([match[1], *words, match[2]])


def hostile(evil: str) -> str:
    """Return the page of an audit in which everything that others choose is one text."""
    flow = {
        **FLOW,
        "initiator_daemon": evil,
        "initiator_address": evil,
        "identity_name": evil,
        "connection": "",
        "capture": evil,
        "match_reason": evil,
    }
    finding = {
        **FINDING,
        "message": evil,
        "sources": [evil],
        "remedy": evil,
        "evidence": [evil, f"hello={evil}"],
        "affects": [evil],
    }
    capture = {**CAPTURE, "name": evil, "incomplete": True, "incomplete_reason": evil}
    waived = {**finding, "waived": evil}
    audit = made(
        flows=[flow],
        findings=[finding, waived, {**finding, "verdict": "unknown", "confidence": "guess"}],
        captures=[{**capture, "notes": [evil], "summarised": [evil]}, capture],
        problems=[evil, f"{evil}:1: {evil}"],
        expectations=[{"id": evil, "connection": "4", "initiator": evil, "acceptor": evil}],
    )
    return reporter(Format.HTML).audit(audit)
