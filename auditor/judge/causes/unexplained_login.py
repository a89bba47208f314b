"""What is left to say of a refused login that no file explains."""

from __future__ import annotations

from auditor.config.resources import Source
from auditor.flows.flow import Transport
from auditor.flows.refusal import RefusalKind
from auditor.judge.causes.cause import Cause, CauseKind, short
from auditor.judge.causes.login import UNKNOWN_NAME, WRONG_KEY, Login


def what_remains(login: Login) -> Cause:
    """Nothing in the files explains it: say what does not, and what is missing."""
    entry, dialler = login.entry, login.dialler
    places = tuple(dict.fromkeys(one.password for one in (dialler, entry) if one is not None))
    if entry is not None and dialler is not None and entry.secret == dialler.secret:
        other = f", or {login.elsewhere} only uses its name" if login.elsewhere else ""
        find = f"Find out what {login.elsewhere} is. " if login.elsewhere else ""
        return Cause(
            CauseKind.OTHER,
            f"though nothing at {short(dialler.password)} and {short(entry.password)} explains it "
            "(the Passwords there are equal): one of the daemons was not reloaded since, or runs "
            f"with other files{other}",
            places,
            f"{find}Reload or restart both daemons with these files; compare what they really run "
            "with.",
        )
    missing = _missing(login, places)
    if login.alert in WRONG_KEY:
        return Cause(
            CauseKind.PASSWORD, f"because the passwords of the two ends differ{missing}", places
        )
    if login.alert in UNKNOWN_NAME:
        return Cause(CauseKind.NAME, f"because it has no key for this name{missing}", places)
    return Cause(CauseKind.OTHER, f"{_usual(login)}{missing}", places)


def _usual(login: Login) -> str:
    """Say what such a refusal usually means (bareos.md §3.2, §3.3, §4.3)."""
    if login.refusal.kind is RefusalKind.SEALED:
        return "as a daemon does that forbids this direction"
    if login.hello.transport is Transport.CLEARTEXT:
        return "as a daemon answers a name that it does not know, or cleartext where it wants TLS"
    return "for a reason that its own log tells"


def _missing(login: Login, places: tuple[Source, ...]) -> str:
    """Say whose file would tell, where one end's is at hand."""
    if login.entry is None and login.dialler is not None:
        whose = f"{login.acceptor}'s" if login.acceptor is not None else "the acceptor's"
        return f"; {whose} own file is not at hand to compare {short(places[0])} with"
    if login.dialler is None and login.entry is not None:
        return f"; the initiator's own file is not at hand to compare {short(places[0])} with"
    return ""
