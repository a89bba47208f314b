"""All checks of a site, in the order in which their problems are listed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from auditor.config.resources import Problem
from auditor.site.checks.passwords import check_passwords
from auditor.site.checks.view import SiteView

CHECKS: Sequence[Callable[[SiteView], Iterator[Problem]]] = (check_passwords,)


def check_site(view: SiteView) -> Iterator[Problem]:
    """Yield everything that the configurations of the site get wrong together."""
    for check in CHECKS:
        yield from check(view)
