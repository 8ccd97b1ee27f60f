import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QApplication, QMenu, QWidget

from studio.core.picture import Picture
from studio.imaging.brush import Brush
from studio.session.document import Document
from studio.session.pen import MAX_SIZE, MIN_SIZE, PAINTING, SELECTING, Tool
from studio.ui.canvas import CanvasView
from studio.ui.slidefield import SlideField
from studio.ui.theme import Theme
from studio.ui.tool_options import OptionBar


@pytest.fixture
def window(qtbot) -> QWidget:
    made = QWidget()
    qtbot.addWidget(made)
    return made


@pytest.fixture
def bar(qapp: QApplication, window: QWidget) -> OptionBar:
    Theme(qapp, "light", window)  # as it is shipped, whatever look a test before this one left
    document = Document()
    canvas = CanvasView(document, window)
    canvas.resize(232, 232)
    made = OptionBar(canvas, document, QMenu(window), window)
    made.resize(1000, 40)
    window.show()
    document.open(Picture(np.zeros((100, 100, 3), np.uint8)), "photo")
    return made


def test_only_the_settings_of_the_tool_in_hand_are_shown(bar):
    parts = {
        bar.size_field: PAINTING,
        bar.hardness: PAINTING,
        bar.opacity: PAINTING,
        bar.pressure: PAINTING,
        bar.feather: SELECTING,
        bar.combine["add"]: SELECTING,
        bar.tolerance: (Tool.WAND,),
        bar.contiguous: (Tool.WAND,),
    }
    for tool in Tool:
        bar.pen.tool = tool
        for part, tools in parts.items():
            assert part.isVisible() == (tool in tools), (tool, part.objectName())


@pytest.mark.parametrize("tool", list(Tool))
def test_every_tools_settings_fit_a_small_window_and_come_back_in_a_large_one(bar, tool):
    bar.pen.tool = tool
    bar.pen.size, bar.pen.feather = 1234, 500
    bar.resize(1000, 40)
    wide = [part for part in bar.findChildren(QWidget) if part.isVisible()]
    for width in (640, 400, 340):
        bar.resize(width, 40)
        assert bar._row.minimumSize().width() <= width
    bar.resize(640, 40)  # the stage of a window of 1280 pixels
    assert bar.zoom.isVisible()
    bar.resize(1000, 40)
    assert [part for part in bar.findChildren(QWidget) if part.isVisible()] == wide


@pytest.mark.parametrize(
    ("part", "field", "low", "high", "between"),
    [
        ("size_field", "size", MIN_SIZE, MAX_SIZE, 37.5),
        ("hardness", "hardness", 0.0, 1.0, 0.613),
        ("opacity", "opacity", 0.01, 1.0, 0.5),
        ("tolerance", "tolerance", 0, 255, 77),
        ("feather", "feather", 0, 500, 12),
    ],
)
def test_every_number_both_ways(bar, part, field, low, high, between):
    control: SlideField = getattr(bar, part)
    for value in (high, low, between):
        control.set_amount(value)
        assert getattr(bar.pen, field) == value
    for value in (low, high, between):
        setattr(bar.pen, field, value)
        assert control.amount() == value
        assert getattr(bar.pen, field) == value


def test_the_way_of_combining_both_ways(bar):
    bar.pen.tool = Tool.LASSO
    for way, button in bar.combine.items():
        button.click()
        assert bar.pen.combine == way
    for way, button in bar.combine.items():
        bar.pen.combine = way
        assert button.isChecked()
        assert [b.isChecked() for b in bar.combine.values()].count(True) == 1


def test_contiguous_and_pressure_both_ways(bar):
    bar.contiguous.click()
    assert bar.pen.contiguous is False
    bar.pen.contiguous = True
    assert bar.contiguous.isChecked()
    for action, field in zip(
        bar.pressure_actions, ("pressure_size", "pressure_opacity"), strict=True
    ):
        before = getattr(bar.pen, field)
        action.trigger()
        assert getattr(bar.pen, field) is not before
        setattr(bar.pen, field, before)
        assert action.isChecked() is before


def test_mask_undo_and_zoom_are_offered_when_there_is_something_to_do(bar):
    document = bar.document

    def offered() -> list[bool]:
        return [part.isEnabled() for part in (bar.mask_button, bar.undo, bar.redo, bar.zoom)]

    assert offered() == [True, False, False, True]
    document.begin_stroke(Brush(5))
    document.stroke_to(50, 50)
    document.end_stroke()
    assert offered() == [True, True, False, True]
    bar.undo.click()
    assert not document.has_mask
    assert offered() == [True, False, True, True]
    bar.redo.click()
    assert document.has_mask
    document.clear()
    assert offered() == [False, True, False, False]


def test_zoom_is_shown_and_set(bar):
    assert bar.zoom.text() == "200 %"
    fit, actual, *others = [a for a in bar.zoom.menu().actions() if not a.isSeparator()]
    actual.trigger()
    assert bar.zoom.text() == "100 %"
    others[-1].trigger()
    assert bar.zoom.text() == others[-1].text() == "1600 %"
    fit.trigger()
    assert bar.canvas.fitting


def test_everything_has_a_name_and_can_be_reached_by_key(bar):
    controls = [*bar.findChildren(QAbstractButton), *bar.findChildren(SlideField)]
    assert len(controls) == 15
    for control in controls:
        assert control.accessibleName()
        assert control.objectName()
        grouped = control in bar.combine.values() and not control.isChecked()
        assert grouped or control.focusPolicy() & Qt.FocusPolicy.TabFocus


def test_where_room_is_short_what_has_keys_goes_before_names_are_cut(bar: OptionBar) -> None:
    fields = (bar.size_field, bar.hardness, bar.opacity)
    bar.resize(1000, 40)
    assert bar.zoom.isVisible()
    for width in range(640, 340, -10):
        bar.resize(width, 40)
        bar._row.activate()
        if any(field.width() < field.sizeHint().width() for field in fields):
            break
    assert width > 360
    assert all(part.isHidden() for part in (bar.zoom, bar.undo, bar.redo))
