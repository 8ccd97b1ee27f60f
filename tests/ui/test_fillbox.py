from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from studio.core.events import Catalogued
from studio.core.geometry import Box, Margins, Size
from studio.core.model_info import Abilities, ModelInfo
from studio.core.picture import Mask
from studio.ui.fillbox import FillBox
from studio.ui.theme import Theme
from tests.session.scripted import new_session, picture


@pytest.fixture
def box(qtbot: QtBot, qapp: QApplication) -> FillBox:
    made = FillBox(new_session())
    qtbot.addWidget(made)
    Theme(qapp, "light", made)  # as it is shipped, whatever look a test before this one left
    session = made.session
    session.desk.bring(picture(90, 600, 400), "photo.png")
    assert made.isHidden()
    pixels = np.zeros((400, 600), np.uint8)
    pixels[150:190, 200:260] = 255
    session.document.set_mask(Mask(pixels))
    made.show()
    return made


def test_it_is_there_while_there_is_something_to_fill(box: FillBox) -> None:
    assert box.isVisible()
    box.session.document.mask_clear()
    assert box.isHidden()


def test_the_plan_is_told_in_numbers_and_follows_the_settings(box: FillBox) -> None:
    plan = box.session.planner.plan
    assert plan is not None
    assert f"sees {plan.box.width} × {plan.box.height}" in box.plan.text()
    assert "60 × 40 is made anew, blended over 8\N{NO-BREAK SPACE}px" in box.plan.text()
    box.session.settings.feather = 0
    assert "hard edge" in box.plan.text()


def test_percentages_in_both_directions(box: FillBox) -> None:
    settings = box.session.settings
    box.match.set_value(30)
    assert settings.colour_match == 0.3
    settings.colour_match = 0.0
    assert box.match.value() == 0
    box.strength.set_value(70)
    assert settings.fill_strength == 0.7


def test_the_plan_can_be_hidden(box: FillBox) -> None:
    box.show_plan.click()
    assert not box.session.settings.show_plan
    box.session.settings.show_plan = True
    assert box.show_plan.isChecked()


def test_the_box_can_be_typed_and_made_automatic_again(box: FillBox) -> None:
    framing = box.session.desk.framing
    automatic = box.session.planner.plan
    assert automatic is not None
    assert not box.auto.isEnabled()
    for side, value in {"x": 100, "y": 90, "width": 300, "height": 240}.items():
        box.sides[side].setValue(value)
    box.sides["height"].editingFinished.emit()
    assert framing.box == Box(100, 90, 300, 240)
    assert box.auto.isEnabled()
    box.auto.click()
    assert framing.box is None
    assert box.sides["x"].value() == automatic.box.x
    framing.box = Box(120, 100, 200, 200)
    assert box.sides["x"].value() == 120


def test_channels_are_offered_by_networks_that_have_them(box: FillBox) -> None:
    assert box.channels_row.isHidden()
    box.session.settings.inpaint_channels = "on"
    assert not box.channels_row.isHidden()
    assert "no inpainting channels" in str(box.session.why_not)
    box.session.settings.inpaint_channels = "auto"
    able = ModelInfo("able", "Able", "sd", None, Abilities(Size(64, 64), 8, inpaint_channels=True))
    box.session.receive(Catalogued((able,)))
    assert not box.channels_row.isHidden()
    box.session.settings.model = "able"
    assert not box.channels_row.isHidden()
    assert "told the mask" in box.plan.text()


def test_what_is_added_is_said(box: FillBox) -> None:
    box.session.desk.framing.margins = Margins(20, 0, 20, 0)
    assert "What is added is made anew" in box.plan.text()


def test_full_detail_in_both_directions(box: FillBox) -> None:
    settings = box.session.settings
    box.session.desk.framing.box = Box(100, 90, 300, 240)
    box.full.click()
    assert settings.full
    assert box.session.recipe().tile == 128
    plan = box.session.planner.plan
    assert plan is not None
    assert plan.working_size == plan.box.size == Size(304, 240)
    assert "at its own size" in box.plan.text()
    settings.full = False
    assert not box.full.isChecked()
    box.session.desk.framing.margins = Margins(20, 0, 0, 0)
    assert box.full.isChecked()
    box.full.click()
    assert (settings.full, settings.extend_full) == (False, False)
    assert box.session.recipe().tile == 0


def test_with_all_unfolded_it_fits_into_the_narrowest_panel(box: FillBox, qtbot: QtBot) -> None:
    box.exact.head.click()
    assert box.exact.isVisibleTo(box)
    qtbot.waitUntil(lambda: 0 < box.minimumSizeHint().width() <= 263)
