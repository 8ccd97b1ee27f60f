import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QColorDialog, QToolButton

from studio.session.document import Document
from studio.session.pen import Pen, Tool
from studio.ui.canvas import CanvasView
from studio.ui.tools import TOOLS, ToolStrip
from studio.ui.veil import COLORS


@pytest.fixture
def strip(qtbot) -> ToolStrip:
    made = ToolStrip(Pen())
    qtbot.addWidget(made)
    made.show()
    return made


def test_a_button_takes_up_its_tool_and_shows_it_however_it_was_taken(qtbot, strip):
    for tool, button in strip.buttons.items():
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
        assert strip.pen.tool is tool
    for tool, button in strip.buttons.items():
        strip.pen.tool = tool
        assert button.isChecked()
        assert [b.isChecked() for b in strip.buttons.values()].count(True) == 1


def test_the_keys_on_the_tooltips_are_those_of_the_canvas(qtbot):
    canvas = CanvasView(Document())
    qtbot.addWidget(canvas)
    assert {tool for tool, *_ in TOOLS} == set(Tool)
    for tool, _, title, key, _ in TOOLS:
        qtbot.keyClicks(canvas, key)
        assert canvas.pen.tool is tool, title


def test_the_colour_of_the_mask_both_ways(qtbot, strip):
    menu = strip.veil.menu()
    qtbot.mouseClick(menu.colors[COLORS["Green"]], Qt.MouseButton.LeftButton)
    assert strip.pen.veil == COLORS["Green"]
    before = strip.veil.icon().cacheKey()
    strip.pen.veil = COLORS["Blue"]
    assert menu.colors[COLORS["Blue"]].isChecked()
    assert strip.veil.icon().cacheKey() != before
    strip.pen.veil = "#123456"
    assert not any(button.isChecked() for button in menu.colors.values())
    strip.pen.veil = COLORS["Pink"]
    assert [b.isChecked() for b in menu.colors.values()].count(True) == 1


def test_any_other_colour_can_be_chosen(qtbot, strip):
    strip.veil.menu().other.click()
    (dialog,) = strip.findChildren(QColorDialog)
    dialog.setCurrentColor("#0a64c8")
    dialog.accept()
    assert strip.pen.veil == "#0a64c8"


def test_the_opacity_of_the_mask_both_ways_and_on_the_canvas(qtbot):
    canvas = CanvasView(Document())
    qtbot.addWidget(canvas)
    strip = ToolStrip(canvas.pen)
    qtbot.addWidget(strip)
    opacity = strip.veil.menu().opacity
    opacity.set_amount(0.8)
    assert canvas.pen.veil_opacity == 0.8
    assert canvas.overlay_opacity == 0.8
    canvas.pen.veil_opacity = 0.25
    assert opacity.amount() == 0.25
    canvas.pen.veil = "#00ff00"
    assert canvas.overlay_color.name() == "#00ff00"


def test_everything_has_a_name_and_can_be_reached_by_key(qtbot, strip):
    buttons = strip.findChildren(QToolButton)
    assert len(buttons) == 8 + len(COLORS)
    for made in buttons:
        assert made.accessibleName()
        assert made.objectName()
        assert made.toolTip()
    # of a group the chosen one can be reached by Tab, and from it the others by arrow keys
    strip.buttons[Tool.BRUSH].setFocus()
    for tool in (Tool.ERASER, Tool.LASSO):
        qtbot.keyClick(strip.focusWidget(), Qt.Key.Key_Down)
        assert strip.pen.tool is tool
