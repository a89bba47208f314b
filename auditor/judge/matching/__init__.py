"""Flow × site → connection number, and what the names and addresses on the wire say of it."""
