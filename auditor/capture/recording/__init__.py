"""Records what a backend hands over: into one file, a ring of files, or a pipe."""
