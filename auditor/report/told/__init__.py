"""What every report for people tells, whatever it looks like: the same groups, causes and words."""
