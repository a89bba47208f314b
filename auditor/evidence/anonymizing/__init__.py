"""Replaces addresses and names in a thinned capture (docs/thinning.md, "Without names")."""
