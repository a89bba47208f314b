"""bareos-audit: proves from packets that a Bareos network behaves as its configuration says.

>>> import auditor
>>> audit = auditor.audit("capture.pcapng", config="/etc/bareos")  # doctest: +SKIP
>>> audit.findings  # doctest: +SKIP

Everything public is listed in ``__all__`` and loaded on first use, so that importing this package
costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from auditor.api import Audit, audit, expect, sockets, thin
    from auditor.errors import (
        BareosAuditError,
        CaptureError,
        ConfigurationError,
        OutputError,
        RuleError,
        SiteFileError,
    )

__version__ = "0.1.0"

_HOMES = {
    "Audit": "auditor.api",
    "audit": "auditor.api",
    "expect": "auditor.api",
    "sockets": "auditor.api",
    "thin": "auditor.api",
    "BareosAuditError": "auditor.errors",
    "CaptureError": "auditor.errors",
    "ConfigurationError": "auditor.errors",
    "OutputError": "auditor.errors",
    "RuleError": "auditor.errors",
    "SiteFileError": "auditor.errors",
}

__all__ = [
    "Audit",
    "BareosAuditError",
    "CaptureError",
    "ConfigurationError",
    "OutputError",
    "RuleError",
    "SiteFileError",
    "__version__",
    "audit",
    "expect",
    "sockets",
    "thin",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
