"""What directives of several resources come to on one connection: heartbeat, TLS policy, names.

Whose HeartbeatInterval holds is in bareos.md §0, whose TLS directives in §3.7.
"""

from __future__ import annotations

from auditor.config.resources import Listen, Resource, Source
from auditor.config.values import MAX_KEEPIDLE_S
from auditor.site.director_domain import Daemon
from auditor.site.heartbeat import Heartbeat
from auditor.site.model import Claim, TlsPolicy
from auditor.site.setting import Setting


def heartbeat(*chain: Resource | None, missing: str = "") -> Heartbeat:
    """Return the first HeartbeatInterval of the chain that is not 0 (bareos.md §1.2: an explicit
    0 cannot override).

    A None in the chain is a resource whose configuration is not at hand: nothing after it can be
    known, and ``missing`` says in words what would be needed. Where nothing is written the source
    is the first resource, in which one would write it.
    """
    for resource in chain:
        if resource is None:
            return Heartbeat(None, None, missing)
        seconds = resource.number("HeartbeatInterval")
        source = resource.where("HeartbeatInterval")
        if seconds > MAX_KEEPIDLE_S:
            reason = f"{seconds} s is more than the kernel takes ({MAX_KEEPIDLE_S} s)"
            return Heartbeat(0, source, reason, setting(resource, "HeartbeatInterval"))
        if seconds > 0:
            return Heartbeat(seconds, source, "", setting(resource, "HeartbeatInterval"))
    listed = [resource for resource in chain if resource is not None]
    written = next((r for r in listed if r.get("HeartbeatInterval")), listed[0])
    return Heartbeat(
        0,
        written.where("HeartbeatInterval"),
        "no HeartbeatInterval is set",
        # Nothing before it in the chain says anything, so one line in the last one does for all.
        setting(listed[-1], "HeartbeatInterval"),
    )


def setting(resource: Resource, directive: str) -> Setting:
    """Return where a resource has that directive, or would have it."""
    label = f"{resource.type} {resource.name}".strip()
    written = resource.get(directive) is not None
    return Setting(label, resource.where(directive), written, resource.text(directive))


def heartbeat_of_own(daemon: Daemon, what: str) -> Heartbeat:
    """Return the HeartbeatInterval of a daemon's own resource, if its possible configurations
    agree on it."""
    missing = f"the configuration of {daemon.peer} is not at hand ({what} sets it)"
    found = [heartbeat(owned.resource) for owned in daemon.own]
    if not found:
        return Heartbeat(None, None, missing)
    if len({one.seconds for one in found}) > 1:
        return Heartbeat(
            None, None, f"several configurations may be that of {daemon.peer}, and they differ"
        )
    return found[0]


def tls_policy(*resources: Resource | None) -> tuple[TlsPolicy, Source | None]:
    """Return what the TLS directives of both ends come to, and the place that decides.

    Any end that requires TLS decides; else any that allows it. Both default to yes
    (bareos.md §5.8). Ends whose configuration is not at hand (None) say nothing.
    """
    ranks = [(_rank(resource), resource) for resource in resources if resource is not None]
    for policy, key in (
        (TlsPolicy.REQUIRED, "TlsEnable"),
        (TlsPolicy.ALLOWED, "TlsRequire"),
        (TlsPolicy.OFF, "TlsEnable"),
    ):
        for rank, resource in ranks:
            if rank is policy:
                return policy, resource.where(key)
    return TlsPolicy.UNKNOWN, None


def _rank(resource: Resource) -> TlsPolicy:
    if not resource.flag("TlsEnable", True):
        return TlsPolicy.OFF
    return TlsPolicy.REQUIRED if resource.flag("TlsRequire", True) else TlsPolicy.ALLOWED


def source_address(resource: Resource | None) -> str:
    """Return the SourceAddress of a daemon's own resource, as written: only the first of several
    is used (bareos.md §1.0). Empty: none, or its configuration is not at hand."""
    setting = resource.get("SourceAddress") if resource is not None else None
    listed = setting.value if setting is not None else ()
    if not isinstance(listed, tuple):
        return ""
    return next((item.address for item in listed if isinstance(item, Listen)), "")


def claim(resource: Resource | None) -> tuple[Claim, ...]:
    """Return a resource's name as a claim on the hello, with the line that writes it."""
    return (Claim(resource.name, resource.where("Name")),) if resource is not None else ()


def head_lines(*resources: Resource | None) -> tuple[Source, ...]:
    """Return the head lines of the resources that are there."""
    return tuple(resource.source for resource in resources if resource is not None)
