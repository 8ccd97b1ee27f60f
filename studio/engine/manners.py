"""Who has the processor first: the hand on the window, not the run behind it."""

from __future__ import annotations

import os
import sys
import threading

NICE = 10
"""A painting hand then waits a third as long on a machine whose cores are all busy."""


def give_way() -> None:
    """From now on this thread, and those that it starts, come after the window's.

    On Linux only, where every thread has a priority of its own; elsewhere nothing happens.
    """
    if sys.platform == "linux":
        thread = threading.get_native_id()
        now = os.getpriority(os.PRIO_PROCESS, thread)
        os.setpriority(os.PRIO_PROCESS, thread, min(19, now + NICE))
