"""What the window says while a photo is to be filled from itself."""

from __future__ import annotations

from dataclasses import replace

import pytest
from pytestqt.qtbot import QtBot

from studio.core.events import Catalogued
from studio.ui.panel import Panel
from tests.session.scripted import STARTER, mask_for, new_session, picture
from tests.session.test_filler import ITSELF


@pytest.fixture
def panel(qtbot: QtBot) -> Panel:
    session = new_session()
    posters = replace(STARTER, abilities=replace(STARTER.abilities, photos=False))
    session.receive(Catalogued((posters, ITSELF)))
    made = Panel(session)
    qtbot.addWidget(made)
    photo = picture()
    session.desk.bring(photo, "photo.jpg")
    session.document.set_mask(mask_for(photo))
    made.show()
    return made


def test_the_button_and_a_line_below_say_it_until_there_are_words(panel: Panel) -> None:
    bar = panel.generate_bar
    assert bar.generate.text() == bar.generate.accessibleName() == "Fill from this photo"
    assert bar.how.isVisible()
    assert "Type a prompt to fill with Starter" in bar.how.text()
    assert panel.prompt.isEnabled()
    assert panel.fill.photo.isVisible()
    assert not panel.fill.full.isVisible()
    panel.prompt.setPlainText("a boat")
    assert bar.generate.text() == "Fill"
    assert not bar.how.isVisible()
    assert panel.fill.full.isVisible()


def test_chosen_by_hand_the_prompt_says_why_it_cannot_be_used(panel: Panel) -> None:
    settings = panel.session.settings
    assert "patches" in panel.model.names()
    settings.model = "patches"
    assert panel.generate_bar.generate.text() == "Fill from this photo"
    assert not panel.generate_bar.how.isVisible()
    assert not panel.prompt.isEnabled()
    assert not panel.negative.isEnabled()
    assert "takes no words" in panel.prompt.placeholderText()
    assert "takes no words" in panel.prompt.toolTip()  # seen where words of before hide the other
    panel.session.document.mask_clear()
    assert "nothing is" in panel.generate_bar.reason.text()
    settings.model = "starter"
    assert panel.prompt.isEnabled()
    assert panel.prompt.toolTip() == ""
    assert panel.prompt.placeholderText() == "What should the picture show?"
