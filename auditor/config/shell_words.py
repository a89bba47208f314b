"""The words of a shell command, for reading what it says without running it.

Only the plain part of the shell's language is known; everything else is refused, so that nobody
takes a command for one that it is not.
"""

from __future__ import annotations

import re
from typing import NamedTuple

#: Stands on both sides of a variable's name in a word.
VARIABLE = "\0"

_OPERATOR = re.compile(r"&&|\$\(|[;\n|`)]")
_QUIET = re.compile(r"2>[ \t]*/dev/null")
_PLAIN = re.compile(r"[\w./@+:,=%^*?\[\]-]+|\{\}", re.ASCII)
_VARIABLE = re.compile(r"\$(?:([A-Za-z_]\w*)|\{([A-Za-z_]\w*)\})", re.ASCII)
_SINGLE = re.compile(r"'([^'\n]*)'")
_DOUBLE = re.compile(r'"((?:[^"\\\n`]|\\["\\$n])*)"')
_ESCAPED = re.compile(r"\\([\w;{}$\"'\\.*-])", re.ASCII)
_GLOB = frozenset("*?[")


class NotUnderstoodError(Exception):
    """The command is none of those that are understood."""


class Word(NamedTuple):
    """One word, or one operator."""

    text: str
    """Without its quotes; a variable as its name between two ``VARIABLE``."""
    operator: bool = False
    wild: bool = False
    """True: the shell expands it to the files that it matches."""


class WordReader:
    """Reads words one after the other."""

    def __init__(self, listed: list[Word]) -> None:
        self._words = listed
        self._at = 0

    @property
    def ended(self) -> bool:
        """Whether there is no word any more."""
        return self._at >= len(self._words)

    def peek(self) -> Word:
        """Return the next word, and stay before it; at the end it is ``;``."""
        return Word(";", operator=True) if self.ended else self._words[self._at]

    def next(self) -> Word:
        """Return the next word, and go on."""
        word = self.peek()
        self._at += 1
        return word

    def take(self, text: str, *, operator: bool = False) -> bool:
        """Go on if the next word is this one, and tell whether it is."""
        taken = not self.ended and self.peek()[:2] == (text, operator)
        self._at += taken
        return taken

    def take_all(self, *texts: str) -> bool:
        """Go on if the next words are these, operators or not, and tell whether they are."""
        following = [word.text for word in self._words[self._at : self._at + len(texts)]]
        taken = following == list(texts)
        self._at += len(texts) * taken
        return taken

    def need(self, text: str, *, operator: bool = False) -> None:
        """Go on behind this word. Raises NotUnderstoodError if another follows."""
        if not self.take(text, operator=operator):
            raise NotUnderstoodError(text)

    def skip(self) -> None:
        """Go on behind every ``;``."""
        while self.take(";", operator=True):
            pass


def words(command: str) -> list[Word]:
    """Return the words of a command; a newline is the operator ``;``.

    Raises NotUnderstoodError for anything but plain words, quotes, variables and the operators
    ``;``, ``|``, ``&&``, backticks and ``$()``.
    """
    found: list[Word] = []
    at = 0
    while at < len(command):
        if command[at] in " \t\r":
            at += 1
        elif quiet := _QUIET.match(command, at):
            at = quiet.end()
        elif operator := _OPERATOR.match(command, at):
            found.append(Word(operator[0].replace("\n", ";"), operator=True))
            at = operator.end()
        else:
            word, at = _word(command, at)
            found.append(word)
    return found


def _word(command: str, at: int) -> tuple[Word, int]:
    text, wild, start = "", False, at
    while at < len(command) and command[at] not in " \t\r" and not _OPERATOR.match(command, at):
        if plain := _PLAIN.match(command, at):
            wild |= not _GLOB.isdisjoint(plain[0])
            text, at = text + plain[0], plain.end()
        elif single := _SINGLE.match(command, at):
            text, at = text + single[1], single.end()
        elif double := _DOUBLE.match(command, at):
            text, at = text + _expanded(double[1]), double.end()
        elif escaped := _ESCAPED.match(command, at):
            text, at = text + escaped[1], escaped.end()
        elif variable := _VARIABLE.match(command, at):
            text, at = text + _named(variable), variable.end()
        else:
            raise NotUnderstoodError(command[at])
    if at == start:
        raise NotUnderstoodError(command[at])
    return Word(text, wild=wild), at


def _expanded(text: str) -> str:
    """Return what stands between double quotes, with its variables named."""
    parts, at = [], 0
    for found in re.finditer(r'\\(["\\$])|\$(?:([A-Za-z_]\w*)|\{([A-Za-z_]\w*)\})', text):
        parts.append(text[at : found.start()])
        name = found[2] or found[3]
        parts.append(f"{VARIABLE}{name}{VARIABLE}" if name else found[1])
        at = found.end()
    rest = "".join([*parts, text[at:]])
    if "$" in text[at:]:
        raise NotUnderstoodError(text)
    return rest


def _named(variable: re.Match[str]) -> str:
    return f"{VARIABLE}{variable[1] or variable[2]}{VARIABLE}"
