"""Every kind of problem that reading a configuration can find.

The value of a kind is the id of its rule: ``rules/configuration/<id>.yaml`` says how bad it is, why
it matters and what to do, and a waiver may name it. A test holds the two lists equal.
"""

from __future__ import annotations

from enum import StrEnum


class Level(StrEnum):
    """What the real program makes of it, worst first."""

    ERROR = "error"
    """It would refuse to start."""
    WARNING = "warning"
    """It starts, and does not do what the text seems to say, or this audit cannot know what."""
    NOTE = "note"
    """Nothing is wrong: it only explains what was read, and how."""


class ProblemKind(StrEnum):
    """One kind of problem, by the id of its rule."""

    # what a program refuses, or reads otherwise than it seems
    OWN_RESOURCE_REPEATED = "own-resource-repeated"
    DIRECTIVE_MISSING = "directive-missing"
    DIRECTIVE_UNKNOWN = "directive-unknown"
    DIRECTIVE_DEPRECATED = "directive-deprecated"
    RESOURCE_TYPE_DEPRECATED = "resource-type-deprecated"
    BOOLEAN_DEPRECATED = "boolean-deprecated"
    BLANKS_DROPPED = "blanks-dropped"
    TEXT_IGNORED = "text-ignored"
    PORT_IMPOSSIBLE = "port-impossible"
    PORT_REPEATED = "port-repeated"
    TIME_CUT = "time-cut"
    TIME_IN_MONTHS = "time-in-months"
    TIME_NEGATIVE = "time-negative"
    HEARTBEAT_TOO_LONG = "heartbeat-too-long"
    HEARTBEAT_WITHOUT_EFFECT = "heartbeat-without-effect"
    # what was not given, or could not be read
    CONFIGURATION_PARTIAL = "configuration-partial"
    REFERENCE_NOT_GIVEN = "reference-not-given"
    BACULA_SITE = "bacula-site"
    PROGRAM_GUESSED = "program-guessed"
    INCLUDE_COMMAND_NOT_RUN = "include-command-not-run"
    INCLUDE_COMMAND_READ = "include-command-read"
    INCLUDE_NOT_GIVEN = "include-not-given"
    INCLUDE_OUTSIDE_TREE = "include-outside-tree"
    INCLUDE_RELOCATED = "include-relocated"
    EXPORT_NOT_READ = "export-not-read"
    FILE_NOT_READ = "file-not-read"
    FILE_NOT_REGULAR = "file-not-regular"
    FOLDER_EMPTY = "folder-empty"
    FOLDER_SHADOWED = "folder-shadowed"
    FOLDER_TOO_DEEP = "folder-too-deep"
    FOLDER_UNREADABLE = "folder-unreadable"
    # what the configurations of several programs get wrong together
    PASSWORD_DIFFERS = "password-differs"
    CLIENT_UNKNOWN = "client-unknown"
    CLIENT_NAME_WITH_BLANK = "client-name-with-blank"
    DIRECTOR_UNKNOWN = "director-unknown"
    CONSOLE_UNKNOWN = "console-unknown"
    MONITOR_UNKNOWN = "monitor-unknown"
    DIRECTIONS_BOTH_OFF = "directions-both-off"
    DIRECTIONS_DISAGREE = "directions-disagree"
    DIRECT_DIAL_REFUSED = "direct-dial-refused"
    CLIENT_INITIATED_WITHOUT_ADDRESS = "client-initiated-without-address"
    CLIENT_INITIATED_ONE_SIDED = "client-initiated-one-sided"
    CLIENT_INITIATED_IN_VAIN = "client-initiated-in-vain"
    TLS_DIFFERS = "tls-differs"
    TLS_OFF_AT_ACCEPTOR = "tls-off-at-acceptor"
    LOOPBACK_HANDED_OUT = "loopback-handed-out"
    LOOPBACK_DIALLED = "loopback-dialled"
    LOOPBACK_DOUBTFUL = "loopback-doubtful"
    LISTENS_ON_LOOPBACK = "listens-on-loopback"
    LISTENS_ON_OTHER_FAMILY = "listens-on-other-family"
    LISTENS_ELSEWHERE = "listens-elsewhere"
    PORT_NOT_LISTENED = "port-not-listened"
    PORT_PERHAPS_FORWARDED = "port-perhaps-forwarded"
    LAN_ADDRESS_WITH_FORWARDED_PORT = "lan-address-with-forwarded-port"
    LAN_ADDRESS_UNUSED = "lan-address-unused"
    LAN_ADDRESSES_APART = "lan-addresses-apart"
    SOURCE_ADDRESS_UNUSABLE = "source-address-unusable"
    DIRECTOR_MARKED_MONITOR = "director-marked-monitor"
    MONITOR_WITHOUT_FLAG = "monitor-without-flag"
    CONSOLE_BOUND_ELSEWHERE = "console-bound-elsewhere"
    NAME_WITHOUT_DOT = "name-without-dot"
    ADDRESS_PRIVATE = "address-private"
    CLIENTS_AT_ONE_ADDRESS = "clients-at-one-address"
    NDMP_WITHOUT_PORT = "ndmp-without-port"
    HEARTBEAT_ZERO_IGNORED = "heartbeat-zero-ignored"
    HEARTBEAT_AT_DIRECTOR_ONLY = "heartbeat-at-director-only"
    # what the site lacks, or its site file gets wrong
    NAME_UNRESOLVED = "name-unresolved"
    SITE_FILE_DAEMON_UNKNOWN = "site-file-daemon-unknown"
    WAIVER_RULE_UNKNOWN = "waiver-rule-unknown"
    WAIVER_EXPIRED = "waiver-expired"
    WAIVER_UNUSED = "waiver-unused"

    @property
    def level(self) -> Level:
        """What the real program makes of it."""
        if self in _ERRORS:
            return Level.ERROR
        return Level.NOTE if self in _NOTES else Level.WARNING

    @property
    def hides(self) -> bool:
        """Whether resources, and with them connections, may be missing because of it."""
        return self in _HIDING


_HIDING = frozenset(
    {
        ProblemKind.INCLUDE_COMMAND_NOT_RUN,
        ProblemKind.INCLUDE_NOT_GIVEN,
        ProblemKind.INCLUDE_OUTSIDE_TREE,
    }
)
_ERRORS = frozenset({ProblemKind.OWN_RESOURCE_REPEATED, ProblemKind.DIRECTIVE_MISSING})
#: What was not given or could not be read: it may hide resources, and so connections.
UNREAD = frozenset(
    {
        ProblemKind.CONFIGURATION_PARTIAL,
        ProblemKind.REFERENCE_NOT_GIVEN,
        ProblemKind.INCLUDE_COMMAND_NOT_RUN,
        ProblemKind.INCLUDE_NOT_GIVEN,
        ProblemKind.INCLUDE_OUTSIDE_TREE,
        ProblemKind.FILE_NOT_READ,
        ProblemKind.FOLDER_TOO_DEEP,
        ProblemKind.FOLDER_UNREADABLE,
        ProblemKind.NAME_UNRESOLVED,
    }
)
_NOTES = frozenset(
    {
        ProblemKind.DIRECTIVE_DEPRECATED,
        ProblemKind.RESOURCE_TYPE_DEPRECATED,
        ProblemKind.WAIVER_EXPIRED,
        ProblemKind.WAIVER_UNUSED,
        ProblemKind.CONFIGURATION_PARTIAL,
        ProblemKind.REFERENCE_NOT_GIVEN,
        ProblemKind.BACULA_SITE,
        ProblemKind.PROGRAM_GUESSED,
        ProblemKind.INCLUDE_COMMAND_READ,
        ProblemKind.INCLUDE_RELOCATED,
        ProblemKind.EXPORT_NOT_READ,
        ProblemKind.FILE_NOT_READ,
        ProblemKind.FILE_NOT_REGULAR,
        ProblemKind.FOLDER_EMPTY,
        ProblemKind.FOLDER_SHADOWED,
        ProblemKind.FOLDER_TOO_DEEP,
        ProblemKind.NAME_WITHOUT_DOT,
        ProblemKind.HEARTBEAT_AT_DIRECTOR_ONLY,
        ProblemKind.NAME_UNRESOLVED,
    }
)
