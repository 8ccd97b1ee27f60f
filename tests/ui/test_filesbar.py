from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot

from studio.session.clerk import Clerk
from studio.ui.bridge import Errands
from studio.ui.filesbar import FilesBar

PATIENCE = 10.0


@pytest.fixture
def clerk() -> Iterator[Clerk]:
    made, errands = Clerk(), Errands()
    made.start(errands.post)
    yield made
    assert made.close(PATIENCE)


def test_what_takes_long_is_shown_and_can_be_given_up(clerk: Clerk, qtbot: QtBot) -> None:
    bar = FilesBar(clerk)
    qtbot.addWidget(bar)
    gate = threading.Event()
    came: list[object] = []
    clerk.do("open", "Opening a.jpg…", lambda: gate.wait(PATIENCE), came.append)
    assert not bar.isVisible()
    qtbot.waitUntil(bar.isVisible)
    assert bar.words.text() == "Opening a.jpg…"
    assert bar.stop.isVisible()
    bar.stop.click()
    assert not bar.isVisible()
    gate.set()
    qtbot.wait(20)
    assert came == []


def test_a_save_cannot_be_given_up_and_a_quick_one_is_not_shown(clerk: Clerk, qtbot: QtBot) -> None:
    bar = FilesBar(clerk)
    qtbot.addWidget(bar)
    gate = threading.Event()
    came: list[object] = []
    clerk.do("save", "Saving a.png…", lambda: gate.wait(PATIENCE), came.append)
    qtbot.waitUntil(bar.isVisible)
    assert not bar.stop.isVisible()
    gate.set()
    qtbot.waitUntil(lambda: came == [True])
    assert not bar.isVisible()
    clerk.do("save", "Saving b.png…", lambda: 1, came.append)
    qtbot.waitUntil(lambda: len(came) == 2)
    assert not bar.isVisible()
