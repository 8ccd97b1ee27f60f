from __future__ import annotations

import os
import sys
import threading

import pytest

from studio.engine.manners import NICE, give_way

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="threads have no own priorities")


def priority() -> int:
    return os.getpriority(os.PRIO_PROCESS, threading.get_native_id())


def test_a_thread_gives_way_and_so_do_those_it_starts_and_no_other():
    before, found = priority(), []

    def work() -> None:
        give_way()
        found.append(priority())
        inner = threading.Thread(target=lambda: found.append(priority()))
        inner.start()
        inner.join()
        give_way()
        found.append(priority())

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert found[:2] == [min(19, before + NICE)] * 2
    assert found[2] <= 19
    assert priority() == before
