"""Names of a configuration: asked for while its site is built, or while something else goes on."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from auditor.text.listing import first_of

if TYPE_CHECKING:
    from auditor.config.resources import Configuration
    from auditor.site.model import Site
    from auditor.site.resolver import Resolver
    from auditor.site.site_file import SiteFile

#: Without a handler of the caller's, Python writes warnings to standard error.
_LOG = logging.getLogger("auditor")
#: Names that the warning lists.
_MOST_SHOWN = 12

_T = TypeVar("_T")
Later = Callable[[bool], _T | None]
Table = Mapping[str, frozenset[str]]


class Names(NamedTuple):
    """Who knows addresses, in the order in which they are asked."""

    hosts: Table
    site_file: Table
    system: bool
    timeout: float


def site_of(
    configuration: Configuration, site_file: SiteFile, names: Names, *, wait: bool
) -> tuple[Site, Later[Site] | None]:
    """Return the site of a configuration. Without ``wait``, where names have to be asked for, it is
    the site without them, and what returns the one with them: None as long as there is time for
    some to be answered, unless it is asked for the ``last`` time."""
    from auditor.site.build import build_site
    from auditor.site.resolver import Resolver

    tables = (names.hosts, names.site_file)
    if wait or not names.system:
        resolver = Resolver(*tables, system=names.system, timeout=names.timeout)
        site = build_site(configuration, resolver, site_file)
        _warn(resolver)
        return site, None
    from auditor.site.background_lookups import BackgroundLookups

    lookups = BackgroundLookups()
    until = time.monotonic() + names.timeout
    resolver = Resolver(*tables, timeout=names.timeout, lookups=lookups)
    site = build_site(configuration, resolver, site_file)
    if not resolver.late:
        lookups.close()
        return site, None

    def later(last: bool) -> Site | None:
        if not (last or lookups.complete) and time.monotonic() < until:
            return None
        found = Resolver(*tables, timeout=names.timeout, lookups=lookups)
        known = build_site(configuration, found, site_file)
        lookups.close()
        _warn(found)
        return known

    return site, later


def _warn(resolver: Resolver) -> None:
    """Say which names were not answered in time."""
    late = sorted(resolver.late)
    if late:
        shown = first_of([repr(name[:80]) for name in late], _MOST_SHOWN)
        _LOG.warning(
            "bareos-audit: no answer in time (%g s) on the addresses of %s: give them with "
            "--hosts or in the site file, or more time with --resolve-timeout",
            *(resolver.timeout, shown),
        )
