"""Reports in every format, on what any conversation comes to."""

from __future__ import annotations

from fuzz.conversation import Conversation, pcap
from fuzz.draws import Draws
from fuzz.promises import assert_renders
from fuzz.targets import conversations

seeds = conversations.seeds


def check(data: bytes) -> None:
    """Audit a conversation with or without a configuration, and render it."""
    draws = Draws(data)
    network = conversations.networks()[draws.number() & 1]
    capture = pcap(Conversation().frames(draws))
    assert_renders(conversations.audited(capture, network))
