"""Writes a configuration with other addresses and names (docs/thinning.md, "A configuration")."""
