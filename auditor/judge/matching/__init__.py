"""Flow × site → connection number, and what is wrong with names and addresses on the wire."""
