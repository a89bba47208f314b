"""The tables of an audit: their columns, and the rows that fill them."""
