"""Which addresses and host names a configuration writes, and where."""

from __future__ import annotations

from collections.abc import Iterator

from auditor.config.resources import Configuration, Listen, Setting


def written(config: Configuration) -> Iterator[str]:
    """Yield the addresses that a configuration has, as written."""
    for setting in address_settings(config):
        yield from addresses_in(setting)


def address_settings(config: Configuration) -> Iterator[Setting]:
    """Yield every directive that holds addresses."""
    for program in config.programs:
        for resource in program.resources:
            for setting in resource.settings.values():
                if setting.name.endswith(("Address", "Addresses")):
                    yield setting


def addresses_in(setting: Setting) -> list[str]:
    """Return the addresses and names that a directive writes."""
    if isinstance(setting.value, str):
        return [setting.value]
    listed = setting.value if isinstance(setting.value, tuple) else ()
    return [item.address for item in listed if isinstance(item, Listen)]
