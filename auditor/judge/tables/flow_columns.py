"""The columns of FLOWS, the table that most rules judge."""

from __future__ import annotations

from collections.abc import Mapping

from auditor.flows.flow import InitiatorEvidence, Outcome, Transport
from auditor.flows.how_ended import Ender, Ending
from auditor.flows.refusal import End
from auditor.judge.causes.cause import CauseKind
from auditor.judge.heartbeat.from_sockets import SocketKeepalive
from auditor.judge.heartbeat.verdict import Fault
from auditor.judge.matching.destination import AddressVerdict
from auditor.judge.tables.column import Column
from auditor.judge.verdicts import OBSERVED, RISING_CONFIDENCES, RISING_VERDICTS, Confidence
from auditor.site.connections import connections
from auditor.site.model import Permission, Role, TlsPolicy

FLOWS: Mapping[str, Column] = {
    "id": Column("str", "f1, f2 … over all captures"),
    "capture": Column("str", "name of the capture; of a recording in several, the first it is in"),
    "last_capture": Column("str", "the last capture that it is in"),
    "initiator_address": Column("str", "IP address of the side that sent the SYN"),
    "initiator_port": Column("Int64", "its TCP port"),
    "initiator_daemon": Column(
        "str", "the daemon there, such as 'file daemon fd1'; its address if unknown"
    ),
    "initiator_role": Column("str", "what it is; empty: not known", Role, optional=True),
    "initiator_evidence": Column(
        "str",
        "how we know who dialled, the surest first; socket: only where `sockets` judges",
        InitiatorEvidence,
    ),
    "initiator_known": Column("bool", "the initiator belongs to the site"),
    "initiator_claimed": Column(
        "bool", "only its hello says who the initiator is, and no acceptor was seen to check it"
    ),
    "claim_unheeded": Column(
        "bool", "nobody checked that: the connection is over, and its acceptor said nothing"
    ),
    "initiator_source": Column("str", "file:line that defines the initiator"),
    "initiator_ttl": Column(
        "Int64", "TTL of its segments; 64, 128 or 255: no router before the tap"
    ),
    "initiator_routed": Column("bool", "a router lay between it and the tap, by that TTL"),
    "acceptor_address": Column("str", "IP address of the side that answered, or should have"),
    "acceptor_port": Column("Int64", "its TCP port"),
    "acceptor_daemon": Column("str", "the daemon there; its address if unknown"),
    "acceptor_role": Column("str", "what it is; empty: not known", Role, optional=True),
    "acceptor_configured": Column(
        "bool", "its own configuration is at hand, so who may dial it is known"
    ),
    "acceptor_known": Column("bool", "the acceptor's address belongs to the site"),
    "acceptor_source": Column("str", "file:line that defines the acceptor"),
    "connection": Column(
        "str",
        "its number; empty: no number fits",
        connections(),
        optional=True,
        rising=connections(),
    ),
    "numbered": Column("bool", "a number fits"),
    "ambiguous": Column("bool", "one or several numbers may fit, and nothing seen decides"),
    "confidence": Column(
        "str",
        "how sure the number is, or that there is none",
        Confidence,
        rising=RISING_CONFIDENCES,
    ),
    "match_reason": Column("str", "why there is no number, or how a doubtful one was decided"),
    "configured": Column("bool", "a configuration was given"),
    "outcome": Column("str", "how the attempt went; midstream: before the capture", Outcome),
    "reached_otherwise": Column(
        "bool", "it failed, and another address of the acceptor worked instead"
    ),
    "started": Column("time", "first segment"),
    "ended": Column("time", "both sides sent FIN, or one RST; missing: open at the end"),
    "ending": Column(
        "str", "how it ended, as far as packets tell; empty: it never began", Ending, optional=True
    ),
    "ending_by": Column(
        "str",
        "who ended it; way: a device between the ends; empty: not known",
        Ender,
        optional=True,
    ),
    "ending_evidence": Column("str", "what was seen of its end, in words"),
    "icmp_type": Column("Int64", "type of the latest ICMP error that quotes it; NA: none"),
    "icmp_code": Column("Int64", "its code"),
    "icmp_from": Column("str", "address that it came from"),
    "icmp_name": Column("str", "what it is called"),
    "icmp_count": Column("Int64", "how many ICMP errors quote it"),
    "ending_certain": Column("bool", "nothing else explains what was seen of its end"),
    "mtu_exceeded": Column("bool", "lost since one side sent packets that the way does not take"),
    "path_mtu": Column("Int64", "MTU that an ICMP error names; NA: none does"),
    "largest_acknowledged": Column(
        "Int64", "payload of the largest segment known to have been acknowledged"
    ),
    "idle_lost": Column("bool", "lost after a silence, as by a device on the way that forgot it"),
    "idle_disputed": Column(
        "bool", "so it would be, but others there survived more, or this one was tampered with"
    ),
    "lost_after_s": Column(
        "Float64", "lost: how long neither side had sent anything before, seconds; NA: not lost"
    ),
    "silence_survived_s": Column(
        "Float64", "longest silence of both sides that it survived, from 1 s on; 0: none"
    ),
    "idle_limit": Column("str", "lost: how long silence the way seems to bear, in words"),
    "idle_advice": Column("str", "lost: the line that would have kept it, and where"),
    "duration_s": Column("Float64", "first to last segment, seconds"),
    "watched_s": Column("Float64", "first segment to the end of what was surely recorded, seconds"),
    "login_refused": Column("bool", "one side refused the login, as far as packets tell"),
    "login_refused_by": Column("str", "who; empty: nobody", End, optional=True),
    "login_refused_how": Column("str", "how, such as TLS alert 47 (illegal_parameter)"),
    "login_fell_back": Column(
        "bool", "TLS was refused, and the same hosts then agreed in cleartext at once"
    ),
    "login_refused_surely": Column("bool", "nothing else explains what was seen of it"),
    "data_channel_seen": Column("bool", "of a job's 3 or 4: its data channel was at least tried"),
    "data_channel_missing": Column(
        "str", "of a job's 3 or 4: the data channel that nobody opened; empty: none is missing"
    ),
    "data_channel_surely": Column(
        "bool", "this tap would have seen it, or its address cannot be right"
    ),
    "cause_kind": Column(
        "str", "what is at fault where it failed; empty: not known", CauseKind, optional=True
    ),
    "cause": Column(
        "str", "why it failed, as the end of a sentence: because …; empty: it did not, or not known"
    ),
    "cause_sources": Column("list", "file:line that the cause speaks of, what to change first"),
    "cause_remedy": Column("str", "what to write where; empty: as the rule says"),
    "transport": Column("str", "the protocol, as the first bytes show it", Transport),
    "tls_offered": Column("str", "highest TLS version offered"),
    "tls_version": Column("str", "TLS version chosen"),
    "tls_policy": Column("str", "what the configuration says of TLS", TlsPolicy),
    "tls_source": Column("str", "file:line that decides the policy"),
    "hello": Column("str", "the cleartext Hello line"),
    "bacula": Column(
        "bool", "no configuration was given, and one of its hosts speaks as Bacula does"
    ),
    "identity_type": Column("str", "its type, such as R_DIRECTOR or R_JOB; empty: none"),
    "identity_name": Column("str", "name in the hello"),
    "identity_proven": Column("bool", "the acceptor checked the pre-shared key and went on"),
    "hello_contradicts": Column(
        "bool", "a side said its first bytes in two ways, and nothing decides which its peer took"
    ),
    "contradiction_unseen": Column(
        "bool", "what is shown of it may be contradicted by what the recording did not keep"
    ),
    "proof_unseen": Column(
        "bool", "so that it may be contradicted that the acceptor checked the pre-shared key"
    ),
    "hello_cut": Column(
        "bool", "its hello may have a name, which the capture's limit on packets (snaplen) cut"
    ),
    "name_left_out": Column("bool", "its hello had a name, which thinning did not keep"),
    "identity_home": Column(
        "str", "addresses that the site gives the owner of a proven name; empty: none is known"
    ),
    "identity_elsewhere": Column("bool", "the initiator is at none of these"),
    "identity_apart": Column("bool", "it was seen to talk with who is there: it is another host"),
    "identity_mismatch": Column("bool", "the name is not the configured one"),
    "identity_reason": Column("str", "what is wrong with it"),
    "identity_sources": Column("list", "file:line of what the configuration says"),
    "bareos_version": Column("str", "version in the Hello line"),
    "database": Column("str", "PostgreSQL database"),
    "database_user": Column("str", "PostgreSQL user"),
    "expectation": Column("str", "id of the expectation it was matched with"),
    "expectation_sources": Column("list", "file:line of every fact behind the expectation"),
    "expected_address": Column("str", "address that the configuration dials"),
    "address_verdict": Column(
        "str",
        "whether the address is the one that is due (§4.5); untellable: behind NAT; empty: no "
        "matter",
        AddressVerdict,
        optional=True,
    ),
    "address_reason": Column("str", "why it is other or untellable"),
    "permission": Column(
        "str", "what the configuration says of it; empty: not known", Permission, optional=True
    ),
    "permission_source": Column("str", "file:line that decides it"),
    "client_passive": Column("bool", "6 and 7: the client is passive"),
    "client_active": Column("bool", "6 and 7: the client is not passive"),
    "client_passive_source": Column("str", "file:line of Passive"),
    "lan_pair": Column("bool", "6, 7, 8: both ends have a LanAddress"),
    "lan_unpaired": Column("bool", "6, 7, 8: not both ends have one"),
    "lan_sources": Column("list", "file:line of the LanAddress, or of the resource without one"),
    "job_verifies": Column("bool", "the job is a Verify job, which ignores LanAddress"),
    "heartbeat_expected_s": Column(
        "Int64", "effective HeartbeatInterval; 0: system timers; NA: not known"
    ),
    "heartbeat_due": Column("str", "the same in words, or every value that may be in force"),
    "heartbeat_source": Column("str", "file:line that sets it, or of the resource that would"),
    "heartbeat_sources": Column("list", "the same of every value that may be in force"),
    "heartbeat_observed_s": Column("Float64", "median interval of the initiator's probes"),
    "heartbeat_probes": Column("Int64", "probes of the initiator"),
    "heartbeat_answered": Column("Int64", "probes that were answered"),
    "heartbeat_verdict": Column(
        "str", "the judgement on its probes", OBSERVED, rising=RISING_VERDICTS
    ),
    "heartbeat_fault": Column(
        "str", "what is wrong with them; empty: nothing", Fault, optional=True
    ),
    "heartbeat_reason": Column("str", "the verdict in words"),
    "acceptor_probes": Column("Int64", "probes of the acceptor"),
    "socket_side": Column(
        "str", "whose socket the recording host knows of; empty: neither", End, optional=True
    ),
    "socket_process": Column("str", "name of the process that owns it"),
    "socket_pid": Column("Int64", "its number"),
    "socket_keepalive": Column("str", "SO_KEEPALIVE", SocketKeepalive, optional=True),
    "socket_idle_s": Column("Float64", "effective TCP_KEEPIDLE, seconds"),
    "socket_interval_s": Column("Float64", "effective TCP_KEEPINTVL, seconds"),
    "socket_count": Column("Int64", "effective TCP_KEEPCNT"),
    "socket_own": Column("bool", "it sets TCP_KEEPIDLE itself, instead of the system's timers"),
    "socket_verdict": Column(
        "str", "the judgement on the initiator's socket", OBSERVED, rising=RISING_VERDICTS
    ),
    "socket_reason": Column("str", "the verdict in words"),
    "attempts": Column(
        "Int64",
        "attempts, or connections of consoles, that are alike and share this row, the rest of "
        "which tells of one of them",
    ),
    "syns": Column("Int64", "SYNs seen, retransmissions included"),
    "rtt_ms": Column("Float64", "SYN to the initiator's ACK, milliseconds"),
    "segments": Column("Int64", "segments of both sides"),
    "initiator_octets": Column("Int64", "TCP payload bytes that the initiator sent"),
    "acceptor_octets": Column("Int64", "TCP payload bytes that the acceptor sent"),
    "longest_quiet_s": Column("Float64", "longest chance for a probe that was not taken, seconds"),
    "retransmissions": Column("Int64", "of both sides"),
    "zero_windows": Column("Int64", "of both sides"),
    "duplicates": Column("Int64", "frames that the tap delivered twice"),
    "missing": Column("Int64", "bytes acknowledged but never captured"),
    "first_frame": Column(
        "Int64", "that of its first segment, from 1, through all captures of its recording"
    ),
    "reply_frame": Column("Int64", "that of the acceptor's first segment: its SYN-ACK, or a RST"),
    "hello_frame": Column("Int64", "that of the initiator's first bytes"),
    "ending_frame": Column("Int64", "that of the FIN, RST or ICMP error; of a lost one its last"),
    "last_frame": Column("Int64", "that of its latest segment"),
    "tampering": Column("str", "what contradicts itself on the wire, in words; empty: nothing"),
    "tampering_count": Column("Int64", "how many such facts were seen"),
    "tampering_frames": Column("list", "the frames that show them"),
    "one_sided": Column("bool", "only one direction was captured"),
}
