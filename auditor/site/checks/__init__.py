"""What the configurations of several programs get wrong together, one module a family of checks.

Each module has one function that takes a ``SiteView`` and yields problems; ``every.py`` lists them.
A check accuses only where it is certain which daemon has which configuration (``ties.py``), and
says nothing of a side whose configuration is not at hand, or only in part.
"""
