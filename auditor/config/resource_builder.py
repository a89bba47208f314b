"""Builds a resource, directive by directive."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from auditor.config.listening import SocketAddresses
from auditor.config.resources import Resource, Setting, Source, Value
from auditor.config.schema import Directive, Kind, ResourceType
from auditor.errors import ConfigurationError

_APPENDING = frozenset({Kind.TEXTS, Kind.REFERENCES, Kind.NAMES})
_SINGLE = frozenset({Kind.NAME, Kind.REFERENCE})
#: Items of one list in one resource; keeps hostile input from filling the memory.
MAX_ITEMS = 10_000
_LISTENING = ("Address", "Addresses", "Port")


class Reference(NamedTuple):
    """One use of another resource's name."""

    type: str
    name: str
    source: Source
    directive: str


@dataclass(slots=True)
class ResourceBuilder:
    """One resource while it is read: its settings so far and its references to others."""

    type: ResourceType
    source: Source
    settings: dict[str, Setting] = field(default_factory=dict)
    written: set[str] = field(default_factory=set)
    """Canonical names of all directives so far, kept or not."""
    lists: dict[str, list[str]] = field(default_factory=dict)
    """Items so far of the settings that append."""
    runs: list[Mapping[str, Setting]] = field(default_factory=list)
    references: list[Reference] = field(default_factory=list)
    listening: dict[str, SocketAddresses] = field(default_factory=dict)
    """What it listens on or connects from, by the prefix of the directives that say so."""

    @property
    def name(self) -> str:
        """The value of ``Name``, or empty while it is missing."""
        setting = self.settings.get("Name")
        return setting.value if setting and isinstance(setting.value, str) else ""

    @property
    def label(self) -> str:
        """Type and name, such as ``Client fd1``."""
        return f"{self.type.name} {self.name}"

    def addresses(self, directive: Directive) -> SocketAddresses:
        """Return the addresses that a listening directive changes."""
        name = directive.name
        group = next((prefix for prefix in ("Ndmp", "Source") if name.startswith(prefix)), "")
        return self.listening.setdefault(group, SocketAddresses())

    def once(self, directive: Directive, at: Source) -> None:
        """Note that a directive is written; raise where Bareos allows it once (§5.4)."""
        if directive.name in self.written and directive.kind in _SINGLE:
            raise ConfigurationError(f"{directive.name} is written twice in one resource", *at)
        self.written.add(directive.name)

    def store(self, directive: Directive, value: Value, at: Source) -> None:
        """Keep a value: lists append, anything else replaces what was there (§5.4)."""
        if not directive.kept:
            return
        if directive.kind is Kind.REFERENCE and isinstance(value, str):
            self.references.append(Reference(directive.target, value, at, directive.name))
        if directive.kind not in _APPENDING:
            self.settings[directive.name] = Setting(directive.name, value, at)
            return
        listed = value if isinstance(value, tuple) else (value,)
        texts = [item for item in listed if isinstance(item, str)]
        if directive.kind is Kind.REFERENCES:
            self.references.extend(
                Reference(directive.target, name, at, directive.name) for name in texts
            )
        items = self.lists.setdefault(directive.name, [])
        items.extend(texts)
        if len(items) > MAX_ITEMS:
            raise ConfigurationError(f"{directive.name} has more than {MAX_ITEMS} items", *at)
        self.settings.setdefault(directive.name, Setting(directive.name, (), at))

    def listen(self, directive: Directive, at: Source) -> None:
        """Keep that a listening directive was written; ``finished`` fills in its value."""
        self.settings[directive.name] = Setting(directive.name, (), at)

    def finished(self) -> Resource:
        """Return the resource.

        ``Address``, ``Addresses`` and ``Port`` of an own resource all carry the same value: the
        sockets that they come to together.
        """
        settings = self.settings
        for name, items in self.lists.items():
            settings[name] = Setting(name, tuple(items), settings[name].source)
        for group, addresses in self.listening.items():
            names = [group + name for name in _LISTENING]
            settings |= {
                name: Setting(name, tuple(addresses.sockets), settings[name].source)
                for name in names
                if name in settings
            }
        return Resource(self.type.name, self.name, self.source, settings, tuple(self.runs))
