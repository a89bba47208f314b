"""The firewalls whose words rules can be written in, and the one place that chooses."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from enum import StrEnum
from types import ModuleType
from typing import TYPE_CHECKING, assert_never

if TYPE_CHECKING:
    from auditor.judge.openings_seen import Seen
    from auditor.site.openings.opening import Openings


class Syntax(StrEnum):
    """How firewall rules are written."""

    NFT = "nft"
    """A table of nftables: ``nft -f FILE``."""
    FIREWALLD = "firewalld"
    """A script of ``firewall-cmd`` that makes policies with rich rules."""
    IPTABLES = "iptables"
    """Chains for ``iptables-restore`` and ``ip6tables-restore``."""


def ruleset(
    syntax: Syntax, openings: Openings, seen: Seen | None = None, given: Sequence[str] = ()
) -> Iterator[str]:
    """Yield the rules as text, piece by piece; ``given`` names the configuration."""
    # The names of the syntaxes are asked for by every command's help, the rest only here.
    from auditor.report.firewall.comments import commented
    from auditor.report.firewall.preface import epilogue, preface

    language = _language(syntax)
    lines: Iterator[str]
    for lines in (
        iter(language.BEGIN),
        commented([*preface(openings, seen, given), *language.USAGE]),
        language.rules(openings, seen),
        commented(epilogue(seen)),
    ):
        yield from (f"{line}\n" for line in lines)


def _language(syntax: Syntax) -> ModuleType:
    match syntax:
        case Syntax.NFT:
            from auditor.report.firewall import nft

            return nft
        case Syntax.FIREWALLD:
            from auditor.report.firewall import firewalld

            return firewalld
        case Syntax.IPTABLES:
            from auditor.report.firewall import iptables

            return iptables
        case _:
            assert_never(syntax)
