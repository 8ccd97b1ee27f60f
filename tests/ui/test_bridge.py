from __future__ import annotations

import threading

from pytestqt.qtbot import QtBot

from studio.core.events import Awake, Event
from studio.ui.bridge import Bridge


def test_events_of_another_thread_arrive_on_this_one_in_order(qtbot: QtBot) -> None:
    bridge, seen = Bridge(), []

    def receive(event: Event) -> None:
        assert isinstance(event, Awake)
        seen.append((event.device, threading.current_thread()))

    bridge.connect_to(receive)
    thread = threading.Thread(
        target=lambda: [bridge.post(Awake(str(number), "")) for number in range(200)]
    )
    thread.start()
    thread.join()
    assert seen == []
    qtbot.waitUntil(lambda: len(seen) == 200)
    here = threading.current_thread()
    assert seen == [(str(number), here) for number in range(200)]


def test_posting_never_calls_back_at_once(qtbot: QtBot) -> None:
    bridge, seen = Bridge(), []
    bridge.connect_to(seen.append)
    bridge.post(Awake("cpu", ""))
    assert seen == []
    qtbot.waitUntil(lambda: len(seen) == 1)


def test_nothing_arrives_after_close(qtbot: QtBot) -> None:
    bridge, seen = Bridge(), []
    bridge.connect_to(seen.append)
    bridge.post(Awake("cpu", ""))
    bridge.close()
    qtbot.wait(10)
    assert seen == []
