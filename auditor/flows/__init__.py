"""Follows segments into flows, keepalive probes and hellos; knows nothing of the configuration."""
