import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QPainter, QPointingDevice, QTabletEvent

from studio.core.picture import Picture
from studio.session.document import Document
from studio.ui.canvas import CanvasView
from studio.ui.canvas_overlay import Overlay, Overlays

Left, Middle = Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton
Plain = Qt.KeyboardModifier.NoModifier


class Square(Overlay):
    """A square of 40 device pixels that can be dragged."""

    def __init__(self, x: float = 100, y: float = 100) -> None:
        self.x, self.y, self.told = x, y, []

    def over(self, place: QPointF) -> bool:
        return self.x <= place.x() < self.x + 40 and self.y <= place.y() < self.y + 40

    def paint(self, painter: QPainter, view, ratio) -> None:
        assert painter.hasClipping()
        painter.fillRect(int(self.x), int(self.y), 40, 40, QColor("lime"))

    def hover(self, place):
        return Qt.CursorShape.SizeHorCursor if self.over(place) else None

    def press(self, place, modifiers):
        self.told.append("press")
        return self.over(place)

    def move(self, place, modifiers):
        self.told.append("move")
        self.x = place.x()

    def release(self, place, modifiers):
        self.told.append("release")

    def cancel(self):
        self.told.append("cancel")


@pytest.fixture
def canvas(qtbot) -> CanvasView:
    view = CanvasView(Document())
    qtbot.addWidget(view)
    view.resize(432, 352)
    view.show()
    qtbot.waitExposed(view)
    view.document.open(Picture(np.full((80, 100, 3), 90, np.uint8)), "photo")
    return view


def test_an_overlay_is_painted_and_dragged_and_the_tool_stays_out_of_it(qtbot, canvas):
    square = Square()
    canvas.overlays.add(square)
    assert canvas.grab().toImage().pixelColor(120, 120) == QColor("lime")
    began = []
    canvas.tool_pressed.connect(lambda: began.append(1))
    qtbot.mousePress(canvas, Left, pos=QPoint(110, 110))
    assert canvas.overlays.held
    qtbot.mouseMove(canvas, QPoint(200, 110))
    qtbot.mouseRelease(canvas, Left, pos=QPoint(200, 110))
    assert (square.x, square.told) == (200, ["press", "move", "release"])
    assert canvas.document.mask is None
    assert not began
    qtbot.mouseClick(canvas, Left, pos=QPoint(60, 60))
    assert canvas.document.has_mask
    assert began == [1]


def test_an_overlay_sets_the_cursor_only_while_the_pointer_is_over_it(qtbot, canvas):
    canvas.overlays.add(Square())
    before = canvas.cursor().shape()
    qtbot.mouseMove(canvas, QPoint(110, 110))
    assert canvas.cursor().shape() == Qt.CursorShape.SizeHorCursor
    qtbot.mouseMove(canvas, QPoint(60, 60))
    assert canvas.cursor().shape() == before


def test_space_and_the_middle_button_pan_over_an_overlay_too(qtbot, canvas):
    square = Square()
    canvas.overlays.add(square)
    x = canvas.view.x
    qtbot.mousePress(canvas, Middle, pos=QPoint(110, 110))
    qtbot.mouseMove(canvas, QPoint(120, 110))
    qtbot.mouseRelease(canvas, Middle, pos=QPoint(120, 110))
    qtbot.keyPress(canvas, Qt.Key.Key_Space)
    qtbot.mousePress(canvas, Left, pos=QPoint(110, 110))
    qtbot.mouseMove(canvas, QPoint(120, 110))
    qtbot.mouseRelease(canvas, Left, pos=QPoint(120, 110))
    qtbot.keyRelease(canvas, Qt.Key.Key_Space)
    assert canvas.view.x == x + 20
    assert square.told == []


def test_a_pen_over_an_overlay_is_left_to_the_mouse_event_that_follows(canvas):
    canvas.overlays.add(Square())

    def down(x: float) -> bool:
        place = QPointF(x, 110)
        event = QTabletEvent(
            QEvent.Type.TabletPress, QPointingDevice.primaryPointingDevice(), place, place, 0.5,
            0, 0, 0, 0, 0, Plain, Left, Left,
        )  # fmt: skip
        canvas.tabletEvent(event)
        return event.isAccepted()

    assert not down(110)
    assert canvas.document.mask is None
    assert down(60)
    assert canvas.document.has_mask


def test_the_topmost_overlay_is_asked_first_and_painted_last():
    updates: list[int] = []
    overlays = Overlays(lambda: updates.append(1))
    below, above = Square(), Square()
    overlays.add(below)
    overlays.add(above)
    overlays.add(above)
    assert list(overlays) == [below, above]
    assert overlays.press(QPointF(110, 110), Plain)
    assert (below.told, above.told) == ([], ["press"])
    overlays.remove(above)
    assert not overlays.move(QPointF(120, 110), Plain)
    assert overlays.press(QPointF(110, 110), Plain)
    assert overlays.cancel()
    assert not overlays.release(QPointF(110, 110), Plain)
    assert below.told == ["press", "cancel"]
    assert len(updates) == 3
