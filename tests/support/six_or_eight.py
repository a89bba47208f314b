"""A client and a storage daemon on one host, which dials another: that is connection 6 or 8."""

from __future__ import annotations

from matching_site import expectation_of

from auditor.judge.matching.match import Match
from auditor.site.model import Peer, Role

#: Addresses of the Director, of the hosts of both storage daemons, and of the host of two daemons.
DIR, READ, WRITE, BOTH = "192.0.2.1", "192.0.2.20", "192.0.2.21", "192.0.2.30"
CLIENT = Peer(Role.FILE_DAEMON, "fd", frozenset({BOTH}))
READER = Peer(Role.STORAGE_DAEMON, "sd1", frozenset({BOTH}))
WRITER = Peer(Role.STORAGE_DAEMON, "sd2", frozenset({WRITE}))
SIX = expectation_of("6", CLIENT, WRITER, 9103)
EIGHT = expectation_of("8", READER, WRITER, 9103)
OPEN = Match(None, candidates=(SIX, EIGHT), possible=frozenset({"6", "8"}))
