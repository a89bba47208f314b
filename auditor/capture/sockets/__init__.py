"""This host's sockets as its kernel has them: keepalive settings and owners."""
