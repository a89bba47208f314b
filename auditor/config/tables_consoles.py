"""Directives of bconsole and the tray monitor (bareos.md §5.8); see ``schema.compile_table``."""

from __future__ import annotations

from auditor.config.tables_common import COMMON, TLS

CONSOLE = {
    "Console": COMMON
    + TLS
    + """
    text: +Director RcFile HistoryFile
    number: HistoryLength
    password: +Password!
    time: +HeartbeatInterval
    """,
    "Director": COMMON
    + TLS
    + """
    number: +Port=DirPort
    text: +Address=DirAddress!
    password: +Password
    time: +HeartbeatInterval
    """,
}

TRAY_MONITOR = {
    "Monitor": COMMON
    + TLS
    + """
    password: +Password!
    time: +RefreshInterval +FdConnectTimeout +SdConnectTimeout +DirConnectTimeout
    """,
    "Director": COMMON
    + TLS
    + """
    number: +Port=DirPort
    text: +Address!
    """,
    "Client": COMMON
    + TLS
    + """
    text: +Address!
    number: +Port=FdPort
    password: +Password!
    """,
    "Storage": COMMON
    + TLS
    + """
    number: +Port=SdPort
    text: +Address=SdAddress!
    password: +Password=SdPassword!
    """,
    "ConsoleFont": COMMON
    + """
    text: Font
    """,
}
