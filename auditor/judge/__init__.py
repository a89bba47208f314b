"""Judges: joins flows with the site into connection numbers, heartbeats and findings.

The design calls this room ``audit``; it is ``judge`` here because ``auditor.audit`` is the public
function (docs/adr/0002).
"""
