"""Why a login was refused: what both ends' configurations and the refusal itself tell.

What the packets show directly goes first: a name that the acceptor does not have, cleartext where
it wants TLS, a direction that it forbids. Then the passwords. Where the files show nothing, what
remains is said: a daemon that runs with other files, or a file that is not at hand.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from auditor.flows.flow import Transport
from auditor.flows.refusal import End, RefusalKind
from auditor.judge.causes.cause import Cause, CauseKind, at, short
from auditor.judge.causes.login import UNKNOWN_NAME, WRONG_KEY, Login
from auditor.judge.causes.unexplained_login import what_remains
from auditor.site.model import Role
from auditor.text import printable
from auditor.text.listing import first_of

#: What the acceptor of each role calls those whom it looks up by identity type (§3.4).
_KINDS = {
    Role.DIRECTOR: {"R_CLIENT": "Client", "R_CONSOLE": "Console"},
    Role.FILE_DAEMON: {"R_DIRECTOR": "Director", "R_JOB": "job"},
    Role.STORAGE_DAEMON: {"R_DIRECTOR": "Director", "R_JOB": "job"},
}
_CALLED = {"R_CLIENT": "File Daemons", "R_CONSOLE": "consoles", "R_DIRECTOR": "Directors"}

#: So many names are listed.
_SHOWN = 5


def login_cause(login: Login) -> Cause:
    """Return the likeliest cause of a refused login; what remains, where nothing tells one."""
    if login.refusal.by is End.INITIATOR:
        return Cause(
            CauseKind.TLS,
            "because it does not trust what the acceptor showed, such as its certificate",
        )
    found = (step(login) for step in _STEPS)
    return next(one for one in found if one is not None)


def _wrong_door(login: Login) -> Cause | None:
    identity, acceptor = login.hello.identity, login.acceptor
    if identity is None or acceptor is None or acceptor.role not in _KINDS:
        return None
    kinds = _KINDS[acceptor.role]
    if identity.type in kinds or identity.type not in _CALLED:
        return None
    sources = (login.dialler.source,) if login.dialler else ()
    words = f"because a {acceptor.role} takes no {_CALLED[identity.type]}"
    if login.known is not None:
        more = login.known.words.removeprefix("because ")
        return login.known._replace(words=f"{words}: {more}")
    remedy = "Correct the Address or Port that the initiator dials."
    return Cause(CauseKind.TARGET, words, sources, remedy)


def _unknown_name(login: Login) -> Cause | None:
    identity, guests, acceptor = login.hello.identity, login.guests, login.acceptor
    if guests is None or identity is None or acceptor is None or not guests.whole:
        return None
    if identity.type == "R_JOB" or any(one.name == identity.name for one in login.listed):
        return None
    kind = _KINDS.get(acceptor.role, {}).get(identity.type)
    if kind is None:
        return None
    names = [f"{printable(one.name)!r} ({short(one.source)})" for one in login.listed]
    known = f", only {first_of(names, _SHOWN)}" if names else ""
    lines = tuple(one.source for one in login.listed[:_SHOWN])
    here = (login.dialler.source,) if login.dialler else ()
    return Cause(
        CauseKind.NAME,
        f"because {acceptor} knows no {kind} {printable(identity.name)!r}{known}",
        (*here, *lines),
        f"Write the same Name at both ends: {acceptor} needs a {kind} of the name that the "
        "initiator sends.",
    )


def _cleartext(login: Login) -> Cause | None:
    if login.hello.transport is not Transport.CLEARTEXT:
        return None
    entry, dialler = login.entry, login.dialler
    if entry is not None and entry.takes_cleartext:
        return None
    if entry is not None and entry.kind == "R_CONSOLE" and (dialler is None or dialler.tls):
        return Cause(
            CauseKind.TLS,
            f"because {at(entry, entry.tls_source)} has TLS enabled, and who dialled spoke "
            "cleartext, as the PHP web UI does, which cannot use its TLS-PSK",
            (entry.tls_source,),
            f"Write TlsEnable = no in {entry.label} at {entry.tls_source}, if this is the web UI "
            "(TlsRequire = no does not help it); a console that can use TLS needs it switched on.",
        )
    off = dialler if dialler is not None and not dialler.tls else None
    if entry is None and off is None:
        return None
    ends = [f"TLS is off in {at(off, off.tls_source)}"] if off else []
    spoke = "it enabled" if off else "TLS enabled, and who dialled spoke cleartext"
    ends += [f"{at(entry, entry.tls_source)} has {spoke}"] if entry else []
    places = tuple(one.tls_source for one in (off, entry) if one is not None)
    if off is not None:
        remedy = f"Remove TlsEnable = no at {off.tls_source}, or write it at both ends."
        if entry is not None and entry.kind != "R_CLIENT":
            remedy += " TlsRequire = no does not help."
    else:
        remedy = "Switch TLS on at the initiator, or reload it if its file has it on."
    return Cause(CauseKind.TLS, f"because {', and '.join(ends)}", places, remedy)


def _tls_off(login: Login) -> Cause | None:
    """The acceptor has TLS switched off for a peer that tries it."""
    entry, dialler = login.entry, login.dialler
    tls = login.hello.transport is Transport.TLS
    if entry is None or entry.tls or not tls or login.alert in WRONG_KEY:
        return None
    places = (entry.tls_source, *((dialler.tls_source,) if dialler else ()))
    there = f", while {at(dialler, dialler.tls_source)} has it enabled" if dialler else ""
    return Cause(
        CauseKind.TLS,
        f"because TLS is off in {at(entry, entry.tls_source)}{there}",
        places,
        f"Remove TlsEnable = no at {entry.tls_source}, or write it at both ends.",
    )


def _direction(login: Login) -> Cause | None:
    entry = login.entry
    late = login.refusal.kind in {RefusalKind.SEALED, RefusalKind.ANSWER, RefusalKind.CLOSED}
    if entry is None or entry.forbidden is None or not late:
        return None
    switch = " ".join(re.findall("[A-Z][a-z]+", entry.switch))
    return Cause(
        CauseKind.DIRECTION,
        f"because {at(entry, entry.forbidden)} does not allow it: {switch} is no",
        (entry.forbidden,),
        f"Write {switch} = yes at {entry.forbidden}, or switch the direction off at the "
        "initiator's end too.",
    )


def _password(login: Login) -> Cause | None:
    entry, dialler = login.entry, login.dialler
    if entry is None or dialler is None or not _may_be_password(login):
        return None
    if entry.secret is None or dialler.secret is None or entry.secret == dialler.secret:
        return None
    return Cause(
        CauseKind.PASSWORD,
        f"because the Password of {at(dialler, dialler.password)} is not that of "
        f"{at(entry, entry.password)} at {login.acceptor}",
        (dialler.password, entry.password),
        f"Write the same Password at {dialler.password} and at {entry.password}, then reload or "
        "restart both.",
    )


def _may_be_password(login: Login) -> bool:
    """Tell whether the refusal is one that a wrong key gets: not one for an unknown name."""
    return login.alert not in UNKNOWN_NAME


_STEPS: tuple[Callable[[Login], Cause | None], ...] = (
    _wrong_door,
    _unknown_name,
    _cleartext,
    _tls_off,
    _direction,
    _password,
    lambda login: login.known,
    what_remains,
)
