"""The backend ``ebpf``: the object from ``capture/bpf``, loaded through the system's libbpf."""
