"""What gives flows their numbers, kept for the next capture that is held to the same site."""

from __future__ import annotations

from collections.abc import Mapping

from auditor.judge.matching.classifier import Classifier
from auditor.site.model import Role, Site


class Classifiers:
    """Makes a classifier of a site, and keeps the last one: to make it takes as long as the site is
    large, and a service provider has as many captures as hosts."""

    def __init__(self, ports: Mapping[int, Role]) -> None:
        self._ports = ports
        self._last: tuple[Site, Classifier] | None = None

    def of(self, site: Site | None) -> Classifier | None:
        """Return the classifier of a site; None: there is none."""
        if site is None:
            return None
        last = self._last
        if last is None or last[0] is not site:
            last = self._last = site, Classifier(site, self._ports)
        return last[1]
