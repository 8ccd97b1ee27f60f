"""The box that asks how to go on, in both directions."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint
from pytestqt.qtbot import QtBot

from studio.session.session import Session
from studio.ui.branchbox import BranchBox
from studio.ui.generatebar import GenerateBar
from tests.session.scripted import Scripted, asked, mask_for, new_session, play


@pytest.fixture
def session() -> Session:
    session = new_session()
    session.settings.prompt = "noon"
    session.generate()
    play(session, "run1")
    return session


@pytest.fixture
def box(session: Session, qtbot: QtBot) -> BranchBox:
    box = BranchBox(session)
    qtbot.addWidget(box)
    box.offer(session.queue.runs["run1"], 2)
    return box


def test_it_says_what_would_be_otherwise(box: BranchBox, session: Session) -> None:
    assert box.title.text() == "Continue from step 2"
    assert box.news.text() == "Nothing is changed."
    session.settings.guidance_scale = 7.0
    box.offer(session.queue.runs["run1"], 2)
    assert "guidance 4 → 7" in box.news.text()
    box.settings.setChecked(False)
    assert box.news.text() == "Nothing is changed."
    box.steps.setValue(40)
    assert "steps from here 2 → 40" in box.news.text()


def test_choices_go_into_the_branch(box: BranchBox, session: Session) -> None:
    session.settings.prompt = "night"
    box.settings.setChecked(False)
    box.steps.setValue(33)
    box.go.click()
    request = asked(session)[-1]
    assert request.fork is not None
    assert request.fork.step == 2
    assert (request.recipe.prompt, request.fork.rest) == ("noon", 33)
    assert request.mask is None


def test_what_makes_no_difference_cannot_be_chosen(box: BranchBox, session: Session) -> None:
    assert not box.seed.isEnabled()
    assert "η" in box.seed.toolTip()
    assert not box.masked.isEnabled()
    photo = session.document.picture
    assert photo is not None
    session.document.set_mask(mask_for(photo))
    session.settings.sampler_options = {"eta": 1.0}
    box.offer(session.queue.runs["run1"], 2)
    assert box.seed.isEnabled()
    assert box.masked.isEnabled()
    box.masked.setChecked(True)
    assert box.choices.masked


def test_it_pops_up_above_its_button(box: BranchBox, session: Session) -> None:
    box.pop_up(session.queue.runs["run1"], 1, QPoint(700, 500))
    assert box.isVisible()
    assert box.geometry().right() <= 702
    assert box.geometry().bottom() <= 500
    box.close()


def test_a_going_run_can_be_given_the_settings(qtbot: QtBot) -> None:
    session = new_session()
    session.settings.prompt = "noon"
    bar = GenerateBar(session)
    qtbot.addWidget(bar)
    session.generate()
    play(session, "run1", finish=False)
    assert bar.apply.isHidden()
    session.settings.prompt = "night"
    assert not bar.apply.isHidden()
    assert "night" in bar.apply.toolTip()
    bar.apply.click()
    backend = session.queue.backend
    assert isinstance(backend, Scripted)
    assert [edit.changes for _, edit, _ in backend.edits] == [{"prompt": "night"}]
    session.settings.prompt = "noon"
    assert bar.apply.isHidden()
