"""Knows Bareos configuration files: files, then resources, then the site and its expectations."""
