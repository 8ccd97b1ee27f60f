from __future__ import annotations

import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from studio.core.wishes import Look
from studio.session.session import Session
from studio.ui.resting import Resting
from tests.session.scripted import Scripted, new_session, play


@pytest.fixture
def session() -> Session:
    return new_session()


@pytest.fixture
def resting(session: Session, qtbot: QtBot) -> Resting:
    home = QWidget()
    qtbot.addWidget(home)
    home.resting = Resting(session, home)  # type: ignore[attr-defined]
    session.home = home  # type: ignore[attr-defined]
    return home.resting  # type: ignore[attr-defined, no-any-return]


def exact(session: Session) -> list[Look]:
    backend = session.queue.backend
    assert isinstance(backend, Scripted)
    return [wish for wish in backend.wishes if isinstance(wish, Look) and wish.exact]


def test_only_where_one_rests_full_quality_is_asked_for(
    resting: Resting, session: Session, qtbot: QtBot
) -> None:
    session.generate()
    play(session, "run1")
    for index in (0, 1, 2, 3):
        session.select_step(index)
        assert resting.isActive()
    assert exact(session) == []
    qtbot.waitUntil(lambda: exact(session) == [Look("run1", 3)])
    session.select_step(None)
    assert not resting.isActive()


def test_what_a_run_shows_as_it_goes_is_gone_too_soon(resting: Resting, session: Session) -> None:
    session.generate()
    play(session, "run1", finish=False)
    assert session.viewing.place is not None
    assert not resting.isActive()
    session.select_step(1)
    assert resting.isActive()
    session.select_step(None)
