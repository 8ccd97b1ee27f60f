import math

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import QMouseEvent, QPainterPath, QPolygonF
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from studio.core.geometry import Box, Size
from studio.core.picture import Mask, Picture
from studio.session.document import Document
from studio.session.pen import Tool
from studio.ui.canvas import CanvasView
from studio.ui.canvas_shapes import covered

Left = Qt.MouseButton.LeftButton
Plain, Shift, Alt = (
    Qt.KeyboardModifier.NoModifier,
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.AltModifier,
)


@pytest.fixture
def canvas(qtbot) -> CanvasView:
    view = CanvasView(Document())
    qtbot.addWidget(view)
    view.resize(432, 352)  # a picture of 100 × 80 at 400 %, and the margin
    view.show()
    qtbot.waitExposed(view)
    pixels = np.full((80, 100, 3), 90, np.uint8)
    pixels[20:40, 30:60] = (200, 40, 40)
    pixels[60:70, 70:80] = (200, 40, 40)
    view.document.open(Picture(pixels), "photo")
    return view


def at(canvas: CanvasView, x: float, y: float) -> QPoint:
    sx, sy = canvas.view.to_screen(x, y)
    return QPoint(round(sx), round(sy))


def drag(canvas, points, press=Plain, then=None) -> None:
    """From one place of the picture to the next with the left button down."""
    places = [at(canvas, *point) for point in points]
    then = press if then is None else then
    QTest.mousePress(canvas, Left, press, places[0])
    for place in places[1:]:
        move(canvas, place, then)
    QTest.mouseRelease(canvas, Left, then, places[-1])


def move(canvas, place: QPoint, modifiers=Plain) -> None:
    where = QPointF(place)
    event = QMouseEvent(
        QMouseEvent.Type.MouseMove, where, canvas.mapToGlobal(where), Qt.MouseButton.NoButton,
        Left, modifiers,
    )  # fmt: skip
    QApplication.sendEvent(canvas, event)


def mask(canvas) -> np.ndarray:
    shown = canvas.document.mask
    return np.zeros((80, 100), np.uint8) if shown is None else shown.pixels


def box(left, top, right, bottom) -> np.ndarray:
    made = np.zeros((80, 100), np.uint8)
    made[top:bottom, left:right] = 255
    return made


def test_a_rectangle_takes_whole_pixels_and_is_one_step_to_undo(canvas):
    canvas.pen.tool = Tool.RECTANGLE
    drag(canvas, [(10, 20), (50, 30), (60.0, 50.0)])
    assert np.array_equal(mask(canvas), box(10, 20, 60, 50))
    drag(canvas, [(90, 70), (80, 60)])  # from any corner, and added
    assert np.array_equal(mask(canvas), np.maximum(box(10, 20, 60, 50), box(80, 60, 90, 70)))
    canvas.document.undo()
    canvas.document.undo()
    assert not canvas.document.has_mask


def test_a_rectangle_may_begin_and_end_off_the_picture_and_a_click_is_none(canvas):
    canvas.pen.tool = Tool.RECTANGLE
    drag(canvas, [(-3, 10), (104, 20)])
    assert np.array_equal(mask(canvas), box(0, 10, 100, 20))
    QTest.mouseClick(canvas, Left, Plain, at(canvas, 50, 50))
    assert np.array_equal(mask(canvas), box(0, 10, 100, 20))
    drag(canvas, [(-3, -3), (-2, 83)])
    assert np.array_equal(mask(canvas), box(0, 10, 100, 20))


def test_modifiers_held_at_the_start_say_how_it_is_combined(canvas):
    canvas.pen.tool = Tool.RECTANGLE
    drag(canvas, [(10, 10), (60, 60)])
    drag(canvas, [(20, 20), (30, 30)], Alt)
    wanted = box(10, 10, 60, 60) - box(20, 20, 30, 30)
    assert np.array_equal(mask(canvas), wanted)
    canvas.pen.combine = "replace"
    drag(canvas, [(5, 5), (8, 8)], Shift)
    wanted |= box(5, 5, 8, 8)
    assert np.array_equal(mask(canvas), wanted)
    drag(canvas, [(15, 15), (80, 70)], Shift | Alt)
    assert np.array_equal(mask(canvas), wanted & box(15, 15, 80, 70))
    drag(canvas, [(70, 70), (75, 75)])
    assert np.array_equal(mask(canvas), box(70, 70, 75, 75))


def test_x_swaps_adding_and_taking_away(qtbot, canvas):
    canvas.pen.tool = Tool.RECTANGLE
    drag(canvas, [(10, 10), (60, 60)])
    qtbot.keyClicks(canvas, "x")
    drag(canvas, [(20, 20), (30, 30)])
    assert np.array_equal(mask(canvas), box(10, 10, 60, 60) - box(20, 20, 30, 30))
    qtbot.keyClicks(canvas, "x")
    assert (canvas.pen.combine, canvas.pen.tool) == ("add", Tool.RECTANGLE)


def test_shift_makes_a_square_and_alt_draws_from_the_middle(canvas):
    canvas.pen.tool = Tool.RECTANGLE
    drag(canvas, [(10, 10), (40, 20)], Plain, Shift)
    assert np.array_equal(mask(canvas), box(10, 10, 40, 40))
    canvas.document.mask_clear()
    drag(canvas, [(50, 40), (60, 45)], Plain, Alt)
    assert np.array_equal(mask(canvas), box(40, 35, 60, 45))


def test_an_ellipse_is_round_with_a_fine_edge(canvas):
    canvas.pen.tool = Tool.ELLIPSE
    drag(canvas, [(20, 10), (80, 70)])
    made = mask(canvas)
    assert made.astype(float).sum() / 255 == pytest.approx(math.pi * 30 * 30, rel=0.01)
    assert made[40, 50] == 255
    assert made[12, 22] == 0
    assert ((made > 0) & (made < 255)).any()


def test_a_feather_softens_what_is_selected(canvas):
    canvas.pen.tool, canvas.pen.feather = Tool.RECTANGLE, 6
    drag(canvas, [(20, 20), (60, 60)])
    row = mask(canvas)[40].astype(int)
    assert row[:14].max() == 0
    assert 0 < row[17] < row[22] < 255
    assert row[30] == 255
    drag(canvas, [(-5, -5), (105, 10)])
    assert mask(canvas)[0, 50] == 255  # not where it leaves the picture


def test_a_lasso_drawn_freely_takes_what_it_encloses(canvas):
    canvas.pen.tool = Tool.LASSO
    drag(canvas, [(20, 20), (50, 21), (80, 20), (80, 60), (50, 61), (20, 60)])
    made = mask(canvas)
    assert made[40, 50] == 255
    assert made[10, 50] == made[70, 50] == 0
    assert not canvas.busy


def test_a_lasso_that_crosses_itself_leaves_no_hole(canvas):
    canvas.pen.tool = Tool.LASSO
    loop = [(20, 20), (70, 20), (70, 60), (20, 60), (20, 20), (60, 20), (60, 50), (30, 50)]
    drag(canvas, loop)
    assert (mask(canvas)[22:58, 22:68] == 255).all()


def click(canvas, x, y, modifiers=Plain) -> None:
    QTest.mouseClick(canvas, Left, modifiers, at(canvas, x, y))


@pytest.mark.parametrize("how", ["enter", "double", "first"])
def test_a_polygon_of_clicks_is_closed(qtbot, canvas, how):
    canvas.pen.tool = Tool.LASSO
    for corner in ((20, 20), (80, 20), (80, 60), (50, 30)):
        click(canvas, *corner)
        assert canvas.busy
    qtbot.keyClick(canvas, Qt.Key.Key_Backspace)
    click(canvas, 20, 60)
    assert not canvas.document.has_mask
    if how == "enter":
        qtbot.keyClick(canvas, Qt.Key.Key_Return)
    elif how == "double":
        QTest.mouseDClick(canvas, Left, Plain, at(canvas, 20, 60))
    else:
        click(canvas, 20.5, 20.5)
    assert not canvas.busy
    assert np.array_equal(mask(canvas), box(20, 20, 80, 60))


def test_escape_breaks_off_and_nothing_else(qtbot, canvas):
    canvas.pen.tool = Tool.LASSO
    for corner in ((20, 20), (80, 20), (80, 60)):
        click(canvas, *corner)
    qtbot.keyClick(canvas, Qt.Key.Key_Escape)
    assert not canvas.busy
    canvas.pen.tool = Tool.RECTANGLE
    QTest.mousePress(canvas, Left, Plain, at(canvas, 10, 10))
    move(canvas, at(canvas, 50, 50))
    qtbot.keyClick(canvas, Qt.Key.Key_Escape)
    QTest.mouseRelease(canvas, Left, Plain, at(canvas, 50, 50))
    canvas.pen.tool = Tool.BRUSH
    QTest.mousePress(canvas, Left, Plain, at(canvas, 10, 10))
    assert canvas.document.has_mask
    qtbot.keyClick(canvas, Qt.Key.Key_Escape)
    QTest.mouseRelease(canvas, Left, Plain, at(canvas, 10, 10))
    assert not canvas.document.has_mask
    assert not canvas.document.can_undo


def test_another_tool_or_picture_ends_a_polygon(canvas):
    canvas.pen.tool = Tool.LASSO
    click(canvas, 20, 20)
    click(canvas, 60, 20)
    canvas.pen.tool = Tool.HAND
    assert not canvas.busy
    canvas.pen.tool = Tool.LASSO
    click(canvas, 20, 20)
    canvas.document.open(Picture(np.zeros((40, 40, 3), np.uint8)), "other")
    assert not canvas.busy


def test_the_wand_takes_the_colour_under_it(canvas):
    canvas.pen.tool = Tool.WAND
    click(canvas, 40.5, 30.5)
    assert np.array_equal(mask(canvas), box(30, 20, 60, 40))
    canvas.pen.contiguous = False
    click(canvas, 40.5, 30.5)
    both = np.maximum(box(30, 20, 60, 40), box(70, 60, 80, 70))
    assert np.array_equal(mask(canvas), both)
    click(canvas, 75.5, 65.5, Alt)
    assert not canvas.document.has_mask
    canvas.pen.tolerance = 255
    click(canvas, 5, 5)
    assert (mask(canvas) == 255).all()
    click(canvas, -2, 5)
    assert (mask(canvas) == 255).all()


def test_a_selection_under_way_is_drawn_and_gone_when_it_is_done(canvas):
    canvas.pen.tool = Tool.RECTANGLE
    plain = canvas.grab().toImage()
    QTest.mousePress(canvas, Left, Plain, at(canvas, 10, 10))
    move(canvas, at(canvas, 60, 50))
    edge = at(canvas, 30, 10)
    assert canvas.grab().toImage().pixelColor(edge) != plain.pixelColor(edge)
    QTest.mouseRelease(canvas, Left, Plain, at(canvas, 60, 50))
    canvas.document.undo()
    QApplication.sendEvent(canvas, QEvent(QEvent.Type.Leave))
    assert canvas.grab().toImage() == plain


def test_pictures_that_arrive_wait_for_a_polygon_to_be_closed(qtbot, canvas):
    canvas.pen.tool = Tool.LASSO
    click(canvas, 20, 20)
    canvas.show_picture(Picture(np.zeros((8, 10, 3), np.uint8)), "Step 3")
    assert canvas.caption == ""
    qtbot.keyClick(canvas, Qt.Key.Key_Escape)
    assert canvas.caption == "Step 3"


def test_what_a_path_covers_is_measured_by_area():
    path = QPainterPath()
    path.addRect(QRectF(-2, 1.25, 4.5, 2))
    region = covered(path, Size(10, 5))
    assert region.box == Box(0, 1, 3, 3)
    assert region.pixels[:, 0].tolist() == pytest.approx([191, 255, 64], abs=2)
    assert region.pixels[1].tolist() == pytest.approx([255, 255, 128], abs=2)
    outside = QPainterPath()
    outside.addPolygon(QPolygonF([QPointF(20, 20), QPointF(30, 20), QPointF(30, 30)]))
    assert covered(outside, Size(10, 5)).box.empty


def test_selecting_on_a_mask_that_is_being_tried_out_keeps_it_first(canvas):
    document = canvas.document
    document.set_mask(Mask(box(10, 10, 20, 20)))
    document.try_out(lambda pixels, painted: covered(_rect(5, 5, 25, 25), Size(100, 80)))
    canvas.pen.tool = Tool.RECTANGLE
    drag(canvas, [(50, 50), (60, 60)])
    assert np.array_equal(mask(canvas), box(5, 5, 25, 25) | box(50, 50, 60, 60))
    document.undo()
    assert np.array_equal(mask(canvas), box(5, 5, 25, 25))
    document.undo()
    assert np.array_equal(mask(canvas), box(10, 10, 20, 20))


def _rect(left, top, right, bottom) -> QPainterPath:
    path = QPainterPath()
    path.addRect(QRectF(left, top, right - left, bottom - top))
    return path
