"""The shapes of what a site file holds; each mistake is told with its line and what is expected."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from auditor.config.resources import Source
from auditor.errors import RuleError, SiteFileError
from auditor.site.resolver import canonical

if TYPE_CHECKING:
    from auditor.text.yamlfile import Place


class Shapes:
    """Checks the shapes of one file, naming it and the line in every error.

    Every check takes a value, what to call it, and its place: the keys that lead to it.
    """

    def __init__(self, path: Path) -> None:
        from auditor.text.yamlfile import load_yaml_with_lines  # PyYAML is slow to load

        self._file = str(path)
        self._lines: dict[Place, int] = {}
        try:
            self.content = load_yaml_with_lines(path, self._lines)
        except RuleError as error:
            raise SiteFileError(error.message, error.file, error.line) from None

    def line(self, place: Place) -> int:
        """Return the line of a place, or of the nearest thing around it that has one."""
        for end in range(len(place), -1, -1):
            if place[:end] in self._lines:
                return self._lines[place[:end]]
        return 0

    def source(self, place: Place) -> Source:
        """Return file and line of a place."""
        return Source(self._file, self.line(place))

    def wrong(self, message: str, place: Place) -> SiteFileError:
        """Return the error that says what is wrong at a place."""
        return SiteFileError(message, self._file, self.line(place))

    def mapping(
        self, value: Any, what: str, place: Place, keys: set[str] | None = None
    ) -> Mapping[Any, Any]:
        """Return a mapping, empty where nothing is written; ``keys`` are all that it may hold."""
        found = {} if value is None else value
        if not isinstance(found, Mapping):
            raise self.wrong(f"{what} must be a mapping of names to values", place)
        what = what[:80]
        for key in found:
            if keys is not None and key not in keys:
                known = ", ".join(sorted(keys))
                raise self.wrong(f"{shown(key)} in {what} is not one of {known}", (*place, key))
        return found

    def items(self, value: Any, what: str, place: Place) -> list[Any]:
        """Return a list, empty where nothing is written."""
        found = [] if value is None else value
        if not isinstance(found, list):
            raise self.wrong(f"{what} must be a list", place)
        return found

    def text(self, value: Any, what: str, place: Place) -> str:
        """Return a text that is not blank."""
        if not isinstance(value, str) or not value.strip():
            raise self.wrong(f"{what} must be text", place)
        return value

    def addresses(self, value: Any, key: Any, place: Place) -> frozenset[str]:
        """Return one IP address or a list of some, in their usual spelling."""
        found, what = set[str](), str(key)[:80]
        listed = [value] if isinstance(value, str) else self.items(value, what, place)
        for number, item in enumerate(listed):
            address = canonical(item) if isinstance(item, str) else None
            if address is None:
                where = place if isinstance(value, str) else (*place, number)
                raise self.wrong(f"{shown(item)} of {what} is not an IP address", where)
            found.add(address)
        if not found:
            raise self.wrong(f"{what} has no address", place)
        return frozenset(found)


def shown(value: Any) -> str:
    """Return what a sentence calls a value."""
    return repr(value[:80]) if isinstance(value, str) else f"a {type(value).__name__}"
