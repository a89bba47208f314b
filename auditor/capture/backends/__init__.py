"""Backends that hand over all octets, thinned in this process: dumpcap, and scapy's sockets."""
