"""Another program reads the same captures: what both say, for who need not take our word."""
