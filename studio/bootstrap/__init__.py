"""From a bare Python to the running app: the environment, its packages, Qt's system libraries.

Standard library only. This file is read by older Pythons too, so that they can be told.
"""

import sys


def lacking() -> str:
    """One sentence if this Python is too old, "" if it will do."""
    if sys.version_info >= (3, 11):  # noqa: UP036 - older ones do get here, and only here
        return ""
    return "Diffusion Studio needs Python 3.11 or later; this is Python {}.{}.{} ({}).".format(
        *sys.version_info[:3], sys.executable
    )
