"""Many captures → evidence of each, in this process, in others, or on other machines.

The unit of work is a file (``unit.py``): it is thinned where it lies, and what comes back is small.
Whoever does the work knows no flow; whoever follows and judges then knows no engine
(docs/scale.md).
"""
