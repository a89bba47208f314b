"""What ``@|command`` would include, read from the command's words without running it.

Half of all sites have their clients in a folder, and a shell loop that includes them (bareos.md
§5.3). Such a loop, and the few other ways to say the same, form a little language; a command that
is not of it down to the last word is not understood.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from auditor.config.shell_words import VARIABLE, NotUnderstoodError, Word, WordReader, words

#: A longer command is no recipe.
_LONGEST = 4000

_SHELL = re.compile(
    r"\s*(?:(?:/usr)?/bin/)?(?:sh|bash|dash|ksh)\s+-c\s+(?P<quote>[\"'])(?P<script>.*)(?P=quote)\s*",
    re.DOTALL,
)
_SED = re.compile(r"s([/#|,!@])\^\1@\1")
_PRINT = re.compile(r"\{\s*print\s*\"@\"\s*\$[01]\s*;?\s*\}")
_TESTS = frozenset({"-e", "-f", "-r", "-s"})


class Wanted(NamedTuple):
    """Files that a command would include, in this order of others."""

    pattern: str
    """A path that may have wildcards; of ``find``, the folder."""
    name: str = ""
    """Of ``find``: the pattern of the files' names; empty: not ``find``."""
    deepest: int = 32
    """Of ``find``: how many folders deep."""


def wanted_by(command: str) -> Sequence[Wanted] | None:
    """Return what a command would include, or None if it is not understood."""
    if len(command) > _LONGEST:
        return None
    try:
        shell = _SHELL.fullmatch(command)
        if shell is not None:
            script = shell["script"]
            if shell["quote"] == '"':
                script = re.sub(r"\\([\"\\$])", r"\1", script)
            return _Script(words(script)).read()
        return _plain(words(command))
    except NotUnderstoodError:
        return None


def _plain(command: list[Word]) -> Sequence[Wanted]:
    """Read a command that no shell reads: nobody expands its wildcards."""
    if any(word.operator and word.text != ";" for word in command):
        raise NotUnderstoodError
    if command and command[0].text == "cat" and any(word.wild for word in command):
        raise NotUnderstoodError
    script = _Script([Word(word.text) for word in command])
    return script.read()


class _Script(WordReader):
    """Reads the statements of one script."""

    def read(self) -> Sequence[Wanted]:
        found: list[Wanted] = []
        self.skip()
        while not self.ended:
            found += self._loop() if self.take("for") else self._pipeline()
            self.skip()
        if not found:
            raise NotUnderstoodError
        return found

    # -------------------------------------------------------------- statements

    def _loop(self) -> list[Wanted]:
        """``for f in FILES; do BODY; done``."""
        variable = self.next().text
        self.need("in")
        if self.take("`", operator=True):
            files = self._list("`")
        elif self.take("$(", operator=True):
            files = self._list(")")
        else:
            files = self._paths()
        self.skip()
        self._body(variable)
        return files

    def _body(self, variable: str) -> None:
        value = f"{VARIABLE}{variable}{VARIABLE}"
        self.need("do")
        self.skip()
        if self.take("test"):
            self._test(value)
        elif self.take("["):
            self._test(value, "]")
        self._written(value)
        self.need(";", operator=True)
        self.skip()
        self.need("done")

    def _test(self, value: str, *end: str) -> None:
        if self.next().text not in _TESTS:
            raise NotUnderstoodError
        for word in (value, *end):
            self.need(word)
        self.need("&&", operator=True)

    def _written(self, value: str) -> None:
        """Read what writes ``@file``, or what the file holds, for one file."""
        if self.take("echo"):
            self.need(f"@{value}")
        elif self.take("printf"):
            self.need("@%s\\n")
            self.need(value)
        else:
            self.need("cat")
            self.need(value)

    def _pipeline(self) -> list[Wanted]:
        if self.take("cat"):
            return self._paths()
        if self.take("echo"):
            word = self.next()
            if not word.text.startswith("@/") or VARIABLE in word.text:
                raise NotUnderstoodError
            return [Wanted(word.text[1:])]
        files, written = self._files()
        if not written:
            self._sorted()
            self.need("|", operator=True)
            self._reader()
        return files

    def _list(self, end: str) -> list[Wanted]:
        files, written = self._files()
        if written:
            raise NotUnderstoodError
        self._sorted()
        self.need(end, operator=True)
        return files

    def _sorted(self) -> None:
        self.take_all("|", "sort")

    # -------------------------------------------------------------- files and who reads them

    def _files(self) -> tuple[list[Wanted], bool]:
        """Read ``ls`` or ``find``; the second value tells whether it writes what is included."""
        if self.take("find"):
            return self._find()
        self.need("ls")
        while self.peek().text in {"-1", "-d", "-1d", "-d1"}:
            self.next()
        return self._paths(), False

    def _paths(self) -> list[Wanted]:
        found: list[Wanted] = []
        while not self.peek().operator:
            word = self.next()
            if word.text.startswith("-") or VARIABLE in word.text or not word.text:
                raise NotUnderstoodError(word.text)
            # A wildcard in quotes is a file's name, which no one has.
            if not word.wild and any(letter in word.text for letter in "*?["):
                raise NotUnderstoodError(word.text)
            found.append(Wanted(word.text))
        if not found:
            raise NotUnderstoodError
        return found

    def _find(self) -> tuple[list[Wanted], bool]:
        folder, name, deepest = self.next().text, "*", 32
        if folder.startswith("-") or VARIABLE in folder or any(c in folder for c in "*?["):
            raise NotUnderstoodError(folder)
        while not self.peek().operator:
            option = self.next().text
            if option == "-name":
                name = self.next().text
            elif option == "-maxdepth" and self.peek().text.isdecimal():
                deepest = min(deepest, int(self.next().text))
            elif option == "-mindepth":
                self.need("1")
            elif option == "-type":
                self.need("f")
            elif option == "-printf":
                self.need("@%p\\n")
                return [Wanted(folder, name, deepest)], True
            elif option == "-exec":
                self._executed()
                return [Wanted(folder, name, deepest)], True
            elif option != "-print":
                raise NotUnderstoodError(option)
        return [Wanted(folder, name, deepest)], False

    def _executed(self) -> None:
        if self.take("cat"):
            self.need("{}")
            if self.take("+"):
                return
        else:
            self.need("echo")
            self.need("@{}")
        if not self.take(";"):
            self.need(";", operator=True)

    def _reader(self) -> None:
        """Read what makes ``@file`` of each line, or writes what the files hold."""
        tool = self.next().text
        if tool == "sed":
            self.take("-e")
            if _SED.fullmatch(self.next().text) is None:
                raise NotUnderstoodError
        elif tool == "awk":
            if _PRINT.fullmatch(self.next().text) is None:
                raise NotUnderstoodError
        elif tool == "while":
            self.need("read")
            self.take("-r")
            variable = self.next().text
            self.need(";", operator=True)
            self.skip()
            self._body(variable)
        elif tool == "xargs":
            self._xargs()
        else:
            raise NotUnderstoodError(tool)

    def _xargs(self) -> None:
        if not self.take("-n1"):
            self.take_all("-n", "1")
        if self.take("-I{}") or self.take("-i") or self.take_all("-I", "{}"):
            self._written("{}")
        else:
            self.need("cat")
