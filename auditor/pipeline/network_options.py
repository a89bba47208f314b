"""The options by which the public calls are told of a network."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TypedDict

from auditor.judge.rules.baseline import Baseline
from auditor.result import Audit

Paths = str | Path | Sequence[str | Path]
IdleLimitOption = str | float | Mapping[str | int, str | float] | None


class SiteOptions(TypedDict, total=False):
    """What ``expect`` takes beside the configuration; all of it optional."""

    site: str | Path | None
    """The site file: what no Bareos file can say."""
    hosts: str | Path | None
    """A file in hosts(5) format. It and the site file are asked for names before the system's
    resolver."""
    resolve: bool
    """Ask the system's resolver for names; True if not given."""
    include_root: Paths
    """Files and folders that a configuration may include beside what lies in the paths given."""
    resolve_timeout: float
    """Seconds in which the system's resolver has to answer for all names together; 5 if not given.
    ``live_audit`` does not wait for it."""
    strict: bool
    """Make everything that is odd in the configuration an error; False if not given."""


class RuleOptions(SiteOptions, total=False):
    """What ``check`` takes beside the configuration; all of it optional."""

    rules: Paths
    """Directories with further rules."""
    today: dt.date | None
    """The day that waivers are held against; today if not given."""
    baseline: str | Path | Audit | Baseline | None
    """An earlier audit, or the JSON report of one: fails that it has do not count."""
    only_rules: Sequence[str]
    """Ids of the rules to apply; all if none is given."""
    skip_rules: Sequence[str]
    """Ids of rules that are not to be applied."""
    idle_limit: IdleLimitOption
    """After how long the way forgets a silent connection: seconds, ``60m``, the name of a
    middlebox, or a mapping as in the site file, which it replaces."""


class PortOptions(SiteOptions, total=False):
    """What says on which ports a network listens; all of it optional."""

    config: Paths
    """Bareos configuration: files, ``*.d`` directories, ``/etc/bareos``, or folders that hold the
    trees of several hosts. Without it flows are judged by their ports and hellos alone."""
    ports: Mapping[str, int] | None
    """Listening port by role (``director``, ``file daemon``, ``storage daemon``, ``catalog``)
    where it is not the default and no configuration says so."""
    decode_as: Sequence[str]
    """Which UDP ports of captures are tunnels beside those of the standards, in Wireshark's words:
    ``udp.port==8473,vxlan``."""


class NetworkOptions(PortOptions, RuleOptions, total=False):
    """What says how a network should behave, as the public calls take it; all of it optional."""
