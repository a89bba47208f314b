"""Serves notebooks: what an audit shows of itself in a cell, its pictures, and a bar while it is
made."""
