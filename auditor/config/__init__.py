"""Reads Bareos configuration files as the programs do: files, then tokens, then resources."""
