"""Rights: which capturing needs, and how all of them are given up."""
