"""Firewall rules: what a firewall has to let through, in the words of one firewall."""
