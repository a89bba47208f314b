"""Whether a connection keeps its HeartbeatInterval, by its probes and by its sockets."""
