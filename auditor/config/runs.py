"""The overrides in a Schedule's ``Run`` (bareos.md §5.6)."""

from __future__ import annotations

from collections.abc import Mapping

from auditor.config.resources import Setting
from auditor.config.scan import MAX_NAME, Scan
from auditor.config.schema import Directive, Kind, keyword_set
from auditor.config.tokens import TEXT_KINDS, Mode, Token, TokenKind
from auditor.errors import ConfigurationError

_FIELDS: Mapping[str, Directive] = {
    directive.name.lower(): directive
    for directive in (
        Directive("Pool", Kind.REFERENCE, "Pool", kept=True),
        Directive("FullPool", Kind.REFERENCE, "Pool", kept=True),
        Directive("IncrementalPool", Kind.REFERENCE, "Pool", kept=True),
        Directive("DifferentialPool", Kind.REFERENCE, "Pool", kept=True),
        Directive("NextPool", Kind.REFERENCE, "Pool", kept=True),
        Directive("Storage", Kind.REFERENCE, "Storage", kept=True),
        Directive("Messages", Kind.REFERENCE, "Messages"),
        Directive("Level", Kind.KEYWORD, "Level", kept=True),
        Directive("Priority", Kind.NUMBER),
        Directive("SpoolData", Kind.BOOLEAN),
        Directive("Accurate", Kind.BOOLEAN),
        Directive("MaxRunSchedTime", Kind.TEXT),
    )
}
_WHEN = frozenset({TokenKind.STRING, TokenKind.NUMBER, TokenKind.COMMA})


def run_target(name: str) -> str:
    """Return the resource type that an override names, or an empty text."""
    directive = _FIELDS[name.lower()]
    return directive.target if directive.kind is Kind.REFERENCE else ""


def read_run(scan: Scan) -> Mapping[str, Setting]:
    """Read the value of a ``Run``: its overrides by canonical name; the times are skipped."""
    levels = keyword_set("Level")
    found: dict[str, Setting] = {}
    while True:
        token = scan.lexer.next(Mode.NO_IDENTIFIER)
        word = token.text.lower() if token.kind in TEXT_KINDS else ""
        if word in _FIELDS:
            directive = _FIELDS[word]
            value = _override(scan, directive, token)
            if directive.kept:
                found[directive.name] = value
        elif word in levels:
            found["Level"] = Setting("Level", levels[word], token.source)
        else:
            break
    while token.kind not in {TokenKind.EOL, TokenKind.EOF}:
        if token.kind not in _WHEN:
            raise scan.broken(f"the time of a Run cannot hold {token.kind.value}", token.source)
        token = scan.lexer.next(Mode.NO_IDENTIFIER)
    return found


def _override(scan: Scan, directive: Directive, key: Token) -> Setting:
    scan.expect({TokenKind.EQUALS}, f"{directive.name} needs '=' in a Run", lines=False)
    token = scan.lexer.next(Mode.NO_IDENTIFIER)
    allowed = TEXT_KINDS | ({TokenKind.NUMBER} if directive.kind is Kind.NUMBER else set())
    if token.kind not in allowed or len(token.text) > MAX_NAME:
        raise ConfigurationError(f"{directive.name} needs a short text in a Run", *token.source)
    if directive.kind is Kind.KEYWORD:
        known = keyword_set(directive.target)
        if token.text.lower() not in known:
            raise ConfigurationError(f"this {directive.name} is unknown", *token.source)
        return Setting(directive.name, known[token.text.lower()], key.source)
    return Setting(directive.name, token.text, key.source)
