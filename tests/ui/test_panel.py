from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSlider,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QDoubleSpinBox,
    QPlainTextEdit,
    QSpinBox,
    QWidget,
)
from pytestqt.qtbot import QtBot

from studio.core.geometry import Size
from studio.ui.panel import Panel
from tests.session.scripted import mask_for, new_session, picture, stepped

NUMBERS = {
    "steps": 33,
    "guidance_scale": 6.5,
    "batch": 3,
    "guidance_rescale": 0.25,
    "feather": 12,
    "context": 1.5,
    "width": 256,
    "height": 64,
}
WORDS = {"spacing": "trailing", "sigmas": "karras", "sampler": "heun"} | {
    "fill": "edges",
    "inpaint_channels": "off",
}


@pytest.fixture
def panel(qtbot: QtBot) -> Panel:
    made = Panel(new_session())
    qtbot.addWidget(made)
    made.show()
    return made


@pytest.mark.parametrize("field", NUMBERS)
def test_numbers_in_both_directions(panel: Panel, field: str) -> None:
    settings, value = panel.session.settings, NUMBERS[field]
    control = panel.findChild(QAbstractSpinBox, field)
    assert isinstance(control, QDoubleSpinBox | QSpinBox)
    before = getattr(settings, field)
    control.setValue(value)
    assert getattr(settings, field) == value
    assert type(getattr(settings, field)) is type(before)
    setattr(settings, field, before)
    assert control.value() == before


@pytest.mark.parametrize("field", WORDS)
def test_words_in_both_directions(panel: Panel, field: str) -> None:
    settings = panel.session.settings
    control = panel.findChild(QComboBox, field)
    assert isinstance(control, QComboBox)
    before = getattr(settings, field)
    index = control.findData(WORDS[field])
    control.setCurrentIndex(index)
    control.activated.emit(index)
    assert getattr(settings, field) == WORDS[field]
    setattr(settings, field, before)
    assert control.currentData() == before


def test_strength_is_per_cent_of_what_the_button_does(panel: Panel) -> None:
    session = panel.session
    refine, fill = panel.source.strength, panel.fill.strength
    assert not panel.source.isVisible()
    session.desk.bring(picture(), "photo.jpg")
    assert (refine.isVisible(), fill.isVisible()) == (True, False)
    refine.set_value(35)
    assert session.settings.strength == 0.35
    session.settings.prompt = "a boat"
    session.document.set_mask(mask_for(picture()))
    assert (refine.isVisible(), fill.isVisible()) == (False, True)
    session.settings.prompt = ""
    assert (fill.isVisible(), panel.fill.continues.isVisible()) == (False, True)
    session.settings.fill_strength = 0.8
    assert fill.value() == 80
    assert session.settings.strength == 0.35


def test_a_photo_can_be_put_aside_and_taken_again(panel: Panel) -> None:
    session = panel.session
    session.desk.bring(picture(), "a very long name of a photo that does not fit.jpg")
    assert panel.source.use.isChecked()
    panel.source.use.click()
    assert session.action == "generate"
    panel.source.use.click()
    assert session.action == "refine"
    panel.source.close_button.click()
    assert session.document.picture is None
    assert not panel.source.isVisible()


def test_a_fill_keeps_the_pictures_size(panel: Panel) -> None:
    width = panel.findChild(QSpinBox, "width")
    assert isinstance(width, QSpinBox)
    panel.session.desk.bring(picture(), "photo.jpg")
    assert not width.isEnabled()
    panel.source.keep_size.click()
    assert width.isEnabled()
    assert panel.session.recipe().size == Size(128, 128)
    panel.session.settings.keep_size = True
    assert panel.session.recipe().size == picture().size
    panel.session.settings.keep_size = False
    panel.session.document.set_mask(mask_for(picture()))
    assert not width.isEnabled()


def test_a_large_picture_is_said_to_be_refined_in_parts(panel: Panel) -> None:
    panel.session.desk.bring(picture(90, 300, 128), "photo.jpg")
    assert "3 parts of 128 × 128 that overlap." in panel.source.says.text()
    panel.session.desk.bring(picture(90, 100, 128), "photo.jpg")
    assert "parts" not in panel.source.says.text()


def test_sides_are_swapped_and_step_in_the_models_multiples(panel: Panel) -> None:
    settings = panel.session.settings
    settings.width, settings.height = 128, 64
    swap = panel.findChild(QAbstractButton, "swap_sides")
    assert isinstance(swap, QAbstractButton)
    swap.click()
    assert (settings.width, settings.height) == (64, 128)
    width = panel.findChild(QSpinBox, "width")
    assert isinstance(width, QSpinBox)
    width.stepUp()
    assert settings.width == 72


def test_the_wheel_scrolls_the_panel_instead_of_changing_numbers(panel: Panel) -> None:
    settings, field = panel.session.settings, panel.steps.field
    panel.prompt.setFocus()
    at = QPointF(5, 5)
    wheel = QWheelEvent(
        at,
        field.mapToGlobal(at),
        QPoint(),
        QPoint(0, 120),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(field, wheel)
    assert settings.steps == 20


def test_every_control_has_a_name_for_everyone(panel: Panel) -> None:
    seen = set()
    for kind in (QAbstractButton, QComboBox, QDoubleSpinBox, QSpinBox, QPlainTextEdit):
        for control in panel.findChildren(kind):
            assert control.accessibleName(), control.objectName()
            assert control.objectName()
            assert control.objectName() not in seen
            seen.add(control.objectName())
    for slider in panel.findChildren(QAbstractSlider):
        if slider.focusPolicy() != Qt.FocusPolicy.NoFocus and _named_owner(slider):
            assert slider.accessibleName()


def _named_owner(slider: QWidget) -> bool:
    return not slider.objectName().startswith("qt_")


def test_how_long_the_parts_take_is_told_by_the_last_run_of_that_model(panel: Panel) -> None:
    session = panel.session
    run = session.queue.begin("before", replace(session.recipe(), size=Size(128, 128), batch=2))
    run.levels = {index: stepped("before", index, seconds=3.0) for index in range(3)}
    session.settings.steps, session.settings.strength = 20, 0.5
    session.desk.bring(picture(90, 300, 128), "photo.jpg")
    assert "3 parts of 128 × 128 that overlap: about 45 s." in panel.source.says.text()
    session.settings.strength = 1.0
    assert "about 2 min" in panel.source.says.text()
