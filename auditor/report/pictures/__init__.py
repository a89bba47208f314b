"""Draws: what an audit shows as pictures, by matplotlib, for the HTML page and for notebooks."""
