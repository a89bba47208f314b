"""Records: interfaces and sockets become pcapng. The only privileged code of the project.

It keeps what an audit needs and nothing else (``thinning`` has the one definition), opens
everything first, drops its rights, and only then looks at a packet.
"""
