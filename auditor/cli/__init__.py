"""Asks: the only place that prints, exits or shows progress. It knows the public API only."""
