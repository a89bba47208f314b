"""Builds Bareos configurations for tests: on disk, and in memory."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from auditor.config.cursor import Text
from auditor.config.lexer import Lexer
from auditor.config.parser import Parser
from auditor.config.resources import Problem, Program, Resource, Value

#: The smallest configurations that their programs would start with, by file name.
MINIMAL = {
    "bareos-dir": 'Director { Name = dir\n Password = "dirpw"\n }\n',
    "bareos-sd": "Storage { Name = sd\n }\n",
    "bareos-fd": "Client { Name = fd\n }\n",
    "bconsole": 'Director { Name = dir\n Address = 10.0.0.1\n Password = "dirpw"\n }\n',
    "tray-monitor": 'Monitor { Name = mon\n Password = "monpw"\n }\n',
}


class Parsed(NamedTuple):
    """What the parser makes of one text."""

    resources: tuple[Resource, ...]
    problems: tuple[Problem, ...]

    @property
    def only(self) -> Resource:
        """The one resource of the text."""
        (resource,) = self.resources
        return resource

    @property
    def messages(self) -> str:
        """All problems as one text."""
        return "\n".join(problem.message for problem in self.problems)


def parse(text: str, program: Program = Program.DIRECTOR) -> Parsed:
    """Parse one text as the program's configuration, without references being checked."""
    parser = Parser(program)
    builders = parser.read(Lexer(Text("test.conf", "test.conf", text)))
    return Parsed(tuple(builder.finished() for builder in builders), tuple(parser.problems))


def client(directives: str) -> Parsed:
    """Parse a Client of the Director with these directives, each on its own line."""
    return parse(f"Client {{\n  Name = fd1\n{directives}\n}}\n")


def own_client(directives: str) -> Parsed:
    """Parse the own Client of a File Daemon with these directives."""
    return parse(f"Client {{\n  Name = fd1\n{directives}\n}}\n", Program.FILE_DAEMON)


def value_of(parsed: Parsed, name: str) -> Value | None:
    """Return the value of a setting of the only resource, or None."""
    setting = parsed.only.get(name)
    return setting.value if setting else None


def plant(root: Path, files: Mapping[str, str]) -> Path:
    """Write files below a folder and return the folder."""
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode("utf-8", "surrogateescape"))
    return root
