"""Reads capture files and streams into columns of TCP segments; knows nothing of Bareos."""
