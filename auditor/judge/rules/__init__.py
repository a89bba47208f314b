"""Tables × rules → findings."""
