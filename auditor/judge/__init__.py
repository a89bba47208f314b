"""Judges: joins flows with the site into connection numbers, heartbeats and findings.

The room is not called ``audit`` because ``auditor.audit`` is the public
function (docs/adr/0002).
"""
