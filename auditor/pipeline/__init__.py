"""Joins the rooms: one capture, many, one that grows, this host's sockets."""
