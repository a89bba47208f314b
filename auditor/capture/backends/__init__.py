"""The ways to get packets: ebpf thins in the kernel, dumpcap and scapy in this process."""
