"""Reads the resources of one program (bareos.md §5.2 to §5.6)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from auditor.config.lexer import Lexer
from auditor.config.listening import read_address, read_addresses, read_port
from auditor.config.problem_kinds import ProblemKind
from auditor.config.resource_builder import MAX_ITEMS, Reference, ResourceBuilder
from auditor.config.resources import Problem, Program, Source
from auditor.config.runs import read_run, run_target
from auditor.config.scan import Scan
from auditor.config.schema import (
    DEPRECATED_TYPES,
    Directive,
    Kind,
    ResourceType,
    resource_types,
)
from auditor.config.tokens import Token, TokenKind
from auditor.config.values import READERS
from auditor.errors import ConfigurationError

#: The largest sites have some ten thousand.
MAX_RESOURCES = 200_000

_LISTENING = {
    Kind.PORT: read_port,
    Kind.ADDRESS: read_address,
    Kind.ADDRESSES: read_addresses,
}


@dataclass(slots=True)
class Parser:
    """Reads one program's texts, one after the other."""

    program: Program
    bacula: bool = False
    """True: resource types that Bareos does not have are passed over."""
    builders: list[ResourceBuilder] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def read(self, lexer: Lexer) -> Sequence[ResourceBuilder]:
        """Read all resources of one text and append them to ``builders``.

        Raises ConfigurationError where the program would refuse the text; what it accepts but
        reads in an unexpected way becomes a problem.
        """
        scan = Scan(lexer, self.problems)
        while (token := lexer.after_lines()).kind is not TokenKind.EOF:
            if self.bacula and self._is_foreign(token):
                scan.expect({TokenKind.OPEN}, f"{token.text} needs '{{'")
                scan.block(token.text, token.source)
                continue
            before = len(self.problems)
            builder = self._resource(scan, token)
            self.builders.append(builder)
            for rank in range(before, len(self.problems)):
                self.problems[rank] = replace(self.problems[rank], resource=builder.label)
            if len(self.builders) > MAX_RESOURCES:
                raise ConfigurationError(f"more than {MAX_RESOURCES} resources", *token.source)
        return self.builders

    def _is_foreign(self, head: Token) -> bool:
        known = resource_types(self.program).keys() | self._aliases().keys()
        return head.kind is TokenKind.IDENTIFIER and head.text.lower() not in known

    def _aliases(self) -> Mapping[str, str]:
        """Return what Bacula calls resources that Bareos calls otherwise."""
        director = self.bacula and self.program is Program.DIRECTOR
        return {"autochanger": "storage"} if director else {}

    def _resource(self, scan: Scan, head: Token) -> ResourceBuilder:
        kind = self._type(scan, head)
        scan.expect({TokenKind.OPEN}, f"{kind.name} needs '{{'")
        builder = ResourceBuilder(kind, head.source)
        while (token := self._after_plain(scan, builder)).kind is not TokenKind.CLOSE:
            if token.kind is TokenKind.EOF:
                raise scan.broken(f"this {kind.name} is never closed; add '}}'", head.source)
            if token.kind is not TokenKind.IDENTIFIER:
                raise scan.broken(
                    f"a directive's name consists of letters and blanks only, on one line; found "
                    f"{token.kind.value} in {kind.name}",
                    token.source,
                )
            directive = kind.find(token.text)
            if directive is None:
                self._unknown(scan, builder, token)
            else:
                self._directive(scan, builder, directive, token.source)
        scan.swallowed = None
        if "Name" not in builder.written:
            raise scan.broken(f"this {kind.name} has no Name", head.source)
        return builder

    def _after_plain(self, scan: Scan, builder: ResourceBuilder) -> Token:
        """Read the next lines as long as they are plain; return the token behind them."""
        lexer = scan.lexer
        wanted = {} if self.bacula else builder.type.plain
        lexer.pass_empty()
        while line := lexer.assignment(wanted):
            directive, at = line
            builder.once(directive, at)
            builder.store(directive, READERS[directive.kind](scan, directive, at), at)
        return lexer.after_lines()

    def _type(self, scan: Scan, head: Token) -> ResourceType:
        types = resource_types(self.program)
        word = head.text.lower() if head.kind is TokenKind.IDENTIFIER else ""
        kind = types.get(self._aliases().get(word, word))
        if kind is None:
            listed = ", ".join(dict.fromkeys(kind.name for kind in types.values()))
            raise scan.broken(
                f"expected a resource of a {self.program.value} ({listed})", head.source
            )
        if word != kind.name.lower() or kind.name in DEPRECATED_TYPES:
            instead = f"; write {kind.name}" if word != kind.name.lower() else ""
            message = f"this resource type is deprecated{instead}"
            scan.warn(ProblemKind.RESOURCE_TYPE_DEPRECATED, message, head.source)
        return kind

    def _directive(
        self, scan: Scan, builder: ResourceBuilder, directive: Directive, at: Source
    ) -> None:
        if directive.deprecated:
            scan.warn(ProblemKind.DIRECTIVE_DEPRECATED, f"{directive.name} is deprecated", at)
        if directive.kind is Kind.BLOCK:
            scan.expect({TokenKind.OPEN}, f"{directive.name} needs '{{'")
            scan.block(directive.name, at)
            scan.rest_of_line()
            return
        scan.expect({TokenKind.EQUALS}, f"{directive.name} needs '='")
        if self.bacula and not directive.kept and directive.kind is not Kind.RUN:
            scan.rest_of_line()  # it may take other values there
            return
        if directive.kind is not Kind.REST:
            builder.once(directive, at)
        if directive.kind in _LISTENING:
            _LISTENING[directive.kind](scan, directive, builder.addresses(directive))
            builder.listen(directive, at)
        elif directive.kind is Kind.RUN:
            run = read_run(scan)
            builder.runs.append(run)
            if len(builder.runs) > MAX_ITEMS:
                raise ConfigurationError(f"more than {MAX_ITEMS} Runs", *at)
            builder.references.extend(
                Reference(run_target(name), str(setting.value), setting.source, name)
                for name, setting in run.items()
                if run_target(name)
            )
        elif directive.kind is Kind.REST:
            scan.rest_of_line()
        else:
            self._value(scan, builder, directive, at)

    def _value(
        self, scan: Scan, builder: ResourceBuilder, directive: Directive, at: Source
    ) -> None:
        try:
            value = READERS[directive.kind](scan, directive, at)
        except ConfigurationError:
            if not self.bacula:
                raise
            scan.rest_of_line()  # Bacula takes a name where Bareos takes yes or no
            return
        builder.store(directive, value, at)

    def _unknown(self, scan: Scan, builder: ResourceBuilder, word: Token) -> None:
        token = scan.lexer.after_lines()
        if token.kind is TokenKind.OPEN and word.text.lower() in resource_types(self.program):
            raise scan.broken(
                f"a resource begins here, but the {builder.type.name} at {builder.source} is not "
                "closed; add '}'",
                word.source,
            )
        if token.kind not in {TokenKind.EQUALS, TokenKind.OPEN}:
            raise scan.broken(
                f"this word is no directive of {builder.type.name}, and no '=' follows it",
                word.source,
            )
        scan.warn(
            ProblemKind.DIRECTIVE_UNKNOWN,
            f"{word.text[:60]!r} in {builder.type.name} is not a directive this auditor knows; "
            "ignored, but Bareos 26 refuses it",
            word.source,
        )
        if token.kind is TokenKind.EQUALS:
            token = scan.lexer.next()
        if token.kind is TokenKind.OPEN:
            scan.block(word.text[:60], word.source)
        elif token.kind in {TokenKind.EOL, TokenKind.CLOSE, TokenKind.EOF}:
            scan.lexer.push_back(token)
        scan.rest_of_line()
