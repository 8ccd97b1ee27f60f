import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QToolButton, QWidget

from studio.core.picture import Picture
from studio.imaging.brush import Brush
from studio.session.document import Document
from studio.session.pen import MAX_SIZE, MIN_SIZE, Tool
from studio.ui.canvas import CanvasView
from studio.ui.tools import ToolBar


@pytest.fixture
def window(qtbot) -> QWidget:
    made = QWidget()
    qtbot.addWidget(made)
    return made


@pytest.fixture
def bar(window: QWidget) -> ToolBar:
    document = Document()
    canvas = CanvasView(document, window)
    canvas.resize(232, 232)
    made = ToolBar(canvas, document, window)
    window.show()
    document.open(Picture(np.zeros((100, 100, 3), np.uint8)), "photo")
    return made


def test_buttons_choose_the_tool_and_show_the_one_chosen_by_key(qtbot, bar):
    pen = bar.canvas.pen
    for action, tool, key in (
        (bar.eraser, Tool.ERASER, "e"),
        (bar.hand, Tool.HAND, "h"),
        (bar.brush, Tool.BRUSH, "b"),
    ):
        action.trigger()
        assert pen.tool is tool
        qtbot.keyClicks(bar.canvas, "x")
        assert not action.isChecked() or pen.tool is tool
        qtbot.keyClicks(bar.canvas, key)
        assert action.isChecked()
        assert [a.isChecked() for a in (bar.brush, bar.eraser, bar.hand)].count(True) == 1


def test_the_size_slider_both_ways(bar):
    pen, slider = bar.canvas.pen, bar.size_slider
    slider.setValue(slider.maximum())
    assert pen.size == pytest.approx(MAX_SIZE)
    slider.setValue(0)
    assert pen.size == pytest.approx(MIN_SIZE)
    pen.size = 37.5
    assert pen.size == 37.5
    assert 0 < slider.value() < slider.maximum()
    assert bar.size_value.text() == "37.5 px"


def test_the_hardness_slider_both_ways(bar):
    bar.hardness_slider.setValue(25)
    assert bar.canvas.pen.hardness == 0.25
    bar.canvas.pen.hardness = 0.613
    assert bar.canvas.pen.hardness == 0.613
    assert bar.hardness_slider.value() == 61
    assert bar.hardness_value.text() == "61 %"


def test_mask_and_undo_are_offered_when_there_is_something_to_do(bar):
    document = bar.document

    def offered() -> list[bool]:
        actions = (bar.invert, bar.clear_mask, bar.undo, bar.redo, bar.fit)
        return [action.isEnabled() for action in actions]

    assert offered() == [True, False, False, False, True]
    document.begin_stroke(Brush(5))
    document.stroke_to(50, 50)
    assert bar.clear_mask.isEnabled()
    document.end_stroke()
    assert offered() == [True, True, True, False, True]
    bar.undo.trigger()
    assert not document.has_mask
    assert offered() == [True, False, False, True, True]
    bar.redo.trigger()
    bar.clear_mask.trigger()
    assert not document.has_mask
    bar.invert.trigger()
    assert document.mask.pixels.min() == 255
    document.clear()
    assert offered() == [False, False, True, False, False]


def test_zoom_is_shown_and_set(bar):
    assert bar.zoom_value.text() == "200 %"
    bar.actual.trigger()
    assert bar.zoom_value.text() == "100 %"
    bar.fit.trigger()
    assert bar.canvas.fitting
    bar.document.clear()
    assert bar.zoom_value.text() == ""


def test_everything_has_a_name_and_can_be_reached_by_key(bar):
    buttons = [b for b in bar.findChildren(QToolButton) if b.defaultAction()]
    assert len(buttons) == 9
    for widget in (*buttons, bar.size_slider, bar.hardness_slider):
        assert widget.accessibleName()
        assert widget.objectName()
        assert widget.focusPolicy() & Qt.FocusPolicy.TabFocus
