"""Puts files together that are of one recording, whatever their order."""
