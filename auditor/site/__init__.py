"""Turns the configuration of many programs into one site and the connections it calls for.

``daemons`` finds who there is and where, ``linking`` joins what the Director calls a client with
that client's own configuration, and one module for each kind of connection derives expectations.
"""
