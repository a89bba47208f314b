"""Keeps: of the segments what an audit needs and nothing else, as pcapng."""
