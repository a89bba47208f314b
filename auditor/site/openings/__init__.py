"""What a firewall has to let through: expectations → source, address and port, in no firewall's
own words."""
