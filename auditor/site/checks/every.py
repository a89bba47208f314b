"""All checks of a site, in the order in which their problems are listed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from auditor.config.resources import Problem
from auditor.site.checks.directions import check_directions
from auditor.site.checks.encryption import check_encryption
from auditor.site.checks.handed import check_handed
from auditor.site.checks.heartbeats import check_heartbeats
from auditor.site.checks.lan import check_lan
from auditor.site.checks.listening import check_listening
from auditor.site.checks.loopback import check_loopback
from auditor.site.checks.names import check_names
from auditor.site.checks.passwords import check_passwords
from auditor.site.checks.ports import check_ports
from auditor.site.checks.rights import check_rights
from auditor.site.checks.sources import check_sources
from auditor.site.checks.view import SiteView

CHECKS: Sequence[Callable[[SiteView], Iterator[Problem]]] = (
    check_passwords,
    check_names,
    check_directions,
    check_encryption,
    check_loopback,
    check_listening,
    check_ports,
    check_sources,
    check_rights,
    check_handed,
    check_lan,
    check_heartbeats,
)


def check_site(view: SiteView) -> Iterator[Problem]:
    """Yield everything that the configurations of the site get wrong together."""
    for check in CHECKS:
        yield from check(view)
