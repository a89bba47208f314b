"""The BPF object from ``capture/bpf``: checked, loaded, attached, and what it hands out read."""
