"""Turns the configuration of many programs into one site and the connections it calls for.

``topology`` finds each Director and its daemons; ``linking`` joins what the Director calls a daemon
with that daemon's own configuration, and ``peer_registry`` collects the addresses of both. From
these ``consoles``, ``control_connections``, ``data_connections``, ``monitors`` and ``catalog``
derive the expectations, with what ``effective`` says of heartbeat and TLS and ``jobs`` of what is
planned; ``build`` calls them all.
"""
