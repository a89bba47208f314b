"""Excerpts: of a capture the packets of some connections, byte for byte, with comments.

Two readings: ``selection`` finds out which packets they are, ``raw_blocks`` copies them. Nothing is
cut and nothing is hidden, unlike in a thinned capture: an excerpt is as private as its capture.
"""
