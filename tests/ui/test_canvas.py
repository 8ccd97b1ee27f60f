import math

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import (
    QColor,
    QDragEnterEvent,
    QDropEvent,
    QImage,
    QPointingDevice,
    QRegion,
    QTabletEvent,
    QWheelEvent,
)

from studio.core.picture import Mask, Picture
from studio.imaging.brush import Brush
from studio.session.document import Document
from studio.session.pen import Tool
from studio.ui import canvas_layers
from studio.ui.canvas import CanvasView
from studio.ui.pixels import from_qimage

Left, Middle = Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton
Shift, Control = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier
None_ = Qt.KeyboardModifier.NoModifier


def picture(width: int = 100, height: int = 80, color=(200, 60, 20)) -> Picture:
    return Picture(np.full((height, width, len(color)), color, np.uint8))


@pytest.fixture
def canvas(qtbot) -> CanvasView:
    view = CanvasView(Document())
    qtbot.addWidget(view)
    view.resize(432, 352)  # a picture of 100 × 80 at 400 %, and the margin
    view.show()
    qtbot.waitExposed(view)
    return view


@pytest.fixture
def opened(canvas: CanvasView) -> CanvasView:
    canvas.document.open(picture(), "photo")
    assert canvas.view.zoom == 4.0
    return canvas


def at(canvas: CanvasView, x: float, y: float) -> QPoint:
    """The widget's point over the middle of a pixel of the picture."""
    ratio = canvas.devicePixelRatioF()
    sx, sy = canvas.view.to_screen(x + 0.5, y + 0.5)
    return QPoint(math.floor(sx / ratio), math.floor(sy / ratio))


def wheel(canvas: CanvasView, place: QPoint, notches: float, modifiers=None_) -> None:
    event = QWheelEvent(
        QPointF(place),
        canvas.mapToGlobal(QPointF(place)),
        QPoint(),
        QPoint(0, round(notches * 120)),
        Qt.MouseButton.NoButton,
        modifiers,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    canvas.wheelEvent(event)


def drag(qtbot, canvas, start, end, button=Left, modifiers=None_) -> None:
    qtbot.mousePress(canvas, button, modifiers, start)
    qtbot.mouseMove(canvas, end)
    qtbot.mouseRelease(canvas, button, modifiers, end)


def color_at(canvas: CanvasView, x: float, y: float) -> QColor:
    image = canvas.grab().toImage()
    return image.pixelColor(at(canvas, x, y) * canvas.devicePixelRatioF())


def close_to(color: QColor, wanted, slack: int = 3) -> bool:
    return all(abs(a - b) <= slack for a, b in zip(color.getRgb(), wanted, strict=False))


# Seeing


def test_an_empty_canvas_says_what_to_do_and_takes_every_gesture(qtbot, canvas):
    blank = canvas.grab().toImage()
    plain = blank.pixelColor(2, 2)
    assert any(blank.pixelColor(x, y) != plain for x in range(0, 432, 2) for y in range(0, 352, 2))
    wheel(canvas, QPoint(50, 50), 1)
    drag(qtbot, canvas, QPoint(10, 10), QPoint(100, 100))
    for key in "bexh[]+-":
        qtbot.keyClicks(canvas, key)
    qtbot.keyClick(canvas, Qt.Key.Key_0, Control)
    assert canvas.document.mask is None
    assert not canvas.paints


def test_the_picture_is_fitted_and_its_colours_are_right(opened):
    assert canvas_rect(opened) == (16, 16, 400, 320)
    assert close_to(color_at(opened, 50, 40), (200, 60, 20))
    assert not close_to(opened.grab().toImage().pixelColor(4, 4), (200, 60, 20))


def canvas_rect(canvas) -> tuple[float, float, float, float]:
    left, top = canvas.view.to_screen(0, 0)
    right, bottom = canvas.view.to_screen(canvas.frame.width, canvas.frame.height)
    ratio = canvas.devicePixelRatioF()
    return left / ratio, top / ratio, (right - left) / ratio, (bottom - top) / ratio


def test_single_pixels_are_where_they_belong_at_every_zoom(qtbot, canvas):
    pixels = np.zeros((64, 96, 3), np.uint8)
    pixels[20, 30] = (255, 255, 255)
    canvas.document.open(Picture(pixels), "dot")
    canvas.pen.tool = Tool.HAND
    for zoom in (1.0, 3.0, 9.0, 20.0, 32.0):
        x, y = canvas.view.to_screen(30.5, 20.5)
        canvas.zoom_to(zoom, x, y)
        assert color_at(canvas, 30, 20).lightness() > 150
        assert color_at(canvas, 28, 20).lightness() < 60


def test_a_large_picture_keeps_its_colours_when_zoomed_out(canvas):
    pixels = np.zeros((3001, 4003, 3), np.uint8)
    pixels[:, 2001:] = (250, 250, 250)
    canvas.document.open(Picture(pixels), "large")
    assert canvas.view.zoom < 0.11
    assert close_to(color_at(canvas, 900, 1500), (0, 0, 0))
    assert close_to(color_at(canvas, 3900, 2900), (250, 250, 250))


def test_a_very_large_picture_is_drawn_coarsely_at_first_and_then_well(qtbot, canvas, monkeypatch):
    monkeypatch.setattr(canvas_layers, "AT_ONCE", 1000)
    pixels = np.zeros((800, 1000, 3), np.uint8)
    pixels[1::2] = 250  # every other line: seen coarsely it is black, seen well grey
    canvas.document.open(Picture(pixels), "lines")
    assert canvas.view.zoom == 0.4
    assert color_at(canvas, 500, 400).lightness() < 20
    qtbot.waitUntil(lambda: color_at(canvas, 500, 400).lightness() > 100)
    canvas.zoom_to(0.15, 200, 150)
    qtbot.waitUntil(lambda: close_to(color_at(canvas, 500, 400), (125, 125, 125), 12))
    canvas.document.clear()


def test_what_was_shown_once_is_not_made_again(canvas):
    canvas.document.open(picture(), "photo")
    photo, result = canvas._picture, picture(color=(1, 2, 3))
    canvas.show_picture(result)
    made = canvas._other
    canvas.show_picture(None)
    canvas.show_picture(result)
    assert canvas._other is made
    canvas.show_picture(canvas.document.picture)
    assert canvas._other is photo
    canvas.show_picture(result)
    canvas.document.replace(result)
    assert canvas._picture is not photo


def test_a_checkerboard_shows_through_a_transparent_picture(canvas):
    canvas.document.open(picture(color=(200, 60, 20, 0)), "clear")
    colors = {color_at(canvas, x, 40).name() for x in range(2, 98)}
    assert {"#cccccc", "#9a9a9a"} <= colors


def test_resizing_fits_again_until_the_person_zooms(opened):
    opened.resize(232, 192)
    assert opened.view.zoom == 2.0
    opened.actual_size()
    opened.resize(432, 352)
    assert opened.view.zoom == 1.0
    x, y, width, height = canvas_rect(opened)
    assert (x + width / 2, y + height / 2) == pytest.approx((216, 176), abs=1)
    opened.fit()
    assert opened.view.zoom == 4.0


def test_a_version_of_the_same_size_stays_where_the_last_one_was(opened):
    wheel(opened, at(opened, 10, 10), 3)
    view = opened.view
    opened.document.replace(picture(color=(1, 2, 3)))
    assert opened.view == view
    opened.document.open(picture(50, 40), "other")
    assert opened.fitting


# Zoom and pan


def test_the_wheel_zooms_at_the_pointer(opened):
    place = at(opened, 20, 60)
    before = opened.view.to_picture(place.x(), place.y())
    wheel(opened, place, 2)
    assert opened.view.zoom == pytest.approx(4 * 1.25**2)
    assert opened.view.to_picture(place.x(), place.y()) == pytest.approx(before, abs=0.2)


def test_zoom_stays_between_1_and_3200_percent(qtbot, opened):
    told = []
    opened.zoom_changed.connect(told.append)
    wheel(opened, QPoint(200, 150), 60)
    assert opened.view.zoom == 32.0
    wheel(opened, QPoint(200, 150), -90)
    assert opened.view.zoom == 0.01
    assert told == [32.0, 0.01]


@pytest.mark.parametrize("how", ["middle", "space", "hand"])
def test_dragging_pans(qtbot, opened, how):
    before = opened.view
    button = Left
    if how == "middle":
        button = Middle
    elif how == "space":
        qtbot.keyPress(opened, Qt.Key.Key_Space)
    else:
        qtbot.keyClicks(opened, "h")
    assert opened.paints is (how == "middle")
    drag(qtbot, opened, QPoint(100, 100), QPoint(130, 90), button)
    assert (opened.view.x - before.x, opened.view.y - before.y) == (30, -10)
    assert opened.document.mask is None
    qtbot.keyRelease(opened, Qt.Key.Key_Space)
    assert opened.paints is (how != "hand")


def test_keys_pan_and_zoom(qtbot, opened):
    x, y = opened.view.x, opened.view.y
    qtbot.keyClick(opened, Qt.Key.Key_Left)
    qtbot.keyClick(opened, Qt.Key.Key_Up)
    assert opened.view.x > x
    assert opened.view.y > y
    qtbot.keyClicks(opened, "+")
    assert opened.view.zoom == 5.0
    qtbot.keyClicks(opened, "-")
    assert opened.view.zoom == 4.0
    qtbot.keyClick(opened, Qt.Key.Key_1, Control)
    assert opened.view.zoom == 1.0
    qtbot.keyClick(opened, Qt.Key.Key_0, Control)
    assert (opened.view.x, opened.view.y) == (x, y)


# Painting


def test_a_click_paints_under_the_pointer_and_shows_it(qtbot, opened):
    opened.pen.size = 10
    qtbot.mouseClick(opened, Left, None_, at(opened, 40, 30))
    mask = opened.document.mask
    assert mask is not None
    rows, columns = np.nonzero(mask.pixels > 127)
    assert (rows.mean(), columns.mean()) == pytest.approx((30, 40), abs=0.6)
    qtbot.mouseMove(opened, at(opened, 90, 70))
    assert not close_to(color_at(opened, 40, 30), (200, 60, 20), 20)
    assert close_to(color_at(opened, 60, 30), (200, 60, 20))


def test_a_drag_is_one_stroke_and_undo_takes_it_back_on_the_screen(qtbot, opened):
    drag(qtbot, opened, at(opened, 20, 40), at(opened, 80, 40))
    assert (opened.document.mask.pixels[40, 20:80] == 255).all()
    assert opened.document.can_undo
    opened.document.undo()
    assert not opened.document.can_undo
    qtbot.mouseMove(opened, at(opened, 90, 5))
    assert close_to(color_at(opened, 50, 40), (200, 60, 20))


def test_strokes_begin_and_end_off_the_picture(qtbot, opened):
    opened.pen.size = 8
    drag(qtbot, opened, QPoint(3, 176), QPoint(429, 176))
    row = opened.document.mask.pixels[40]
    assert (row == 255).all()


def test_the_eraser_and_swapping(qtbot, opened):
    drag(qtbot, opened, at(opened, 10, 40), at(opened, 90, 40))
    qtbot.keyClicks(opened, "x")
    assert opened.pen.tool is Tool.ERASER
    drag(qtbot, opened, at(opened, 10, 40), at(opened, 90, 40))
    assert opened.document.mask.pixels[40, 12:88].max() == 0
    qtbot.keyClicks(opened, "x")
    assert opened.pen.tool is Tool.BRUSH
    qtbot.keyClicks(opened, "e")
    assert opened.pen.tool is Tool.ERASER
    qtbot.keyClicks(opened, "b")
    assert opened.pen.tool is Tool.BRUSH


def test_shift_paints_a_straight_line_from_the_last_stroke(qtbot, opened):
    opened.pen.size = 4
    qtbot.mouseClick(opened, Left, None_, at(opened, 10, 10))
    qtbot.mouseClick(opened, Left, Shift, at(opened, 70, 70))
    assert opened.document.mask.pixels[40, 40] == 255
    opened.document.undo()
    assert opened.document.mask.pixels[40, 40] == 0
    assert opened.document.mask.pixels[10, 10] == 255


def test_brush_size_by_key_and_by_wheel(qtbot, opened):
    opened.pen.size = 20
    qtbot.keyClicks(opened, "]")
    assert opened.pen.size == pytest.approx(23)
    qtbot.keyClicks(opened, "[")
    assert opened.pen.size == pytest.approx(20)
    zoom = opened.view.zoom
    wheel(opened, QPoint(100, 100), 1, Control)
    assert opened.pen.size == pytest.approx(23)
    assert opened.view.zoom == zoom
    opened.pen.size = 1
    qtbot.keyClicks(opened, "]")
    assert opened.pen.size == 2
    for _ in range(3):
        qtbot.keyClicks(opened, "[")
    assert opened.pen.size == 1


def test_the_brush_keeps_its_size_on_the_screen_with_the_next_picture(opened):
    opened.pen.size = 10
    opened.document.open(picture(1000, 800), "larger")
    assert opened.pen.size == pytest.approx(100)
    opened.document.undo()
    assert opened.pen.size == pytest.approx(10)


def test_a_pen_paints_with_pressure(qtbot, opened):
    opened.pen.size = 20
    place = QPointF(at(opened, 50, 40))

    def tablet(kind, pressure):
        buttons = Left if kind != QEvent.Type.TabletRelease else Qt.MouseButton.NoButton
        event = QTabletEvent(
            kind, QPointingDevice.primaryPointingDevice(), place, place, pressure,
            0, 0, 0, 0, 0, None_, Left, buttons,
        )  # fmt: skip
        opened.tabletEvent(event)

    tablet(QEvent.Type.TabletPress, 0.25)
    tablet(QEvent.Type.TabletRelease, 0.0)
    light = opened.document.mask.pixels.astype(int).sum()
    tablet(QEvent.Type.TabletPress, 1.0)
    tablet(QEvent.Type.TabletRelease, 0.0)
    assert opened.document.mask.pixels.astype(int).sum() > 8 * light


def test_the_brush_outline_follows_the_pointer(qtbot, opened):
    opened.pen.size = 20
    place = at(opened, 50, 40)
    qtbot.mouseMove(opened, place)
    image = opened.grab().toImage()
    assert image.pixelColor(place.x() + 40, place.y()).lightness() > 150
    assert close_to(image.pixelColor(place), (200, 60, 20))
    assert opened.cursor().shape() == Qt.CursorShape.BlankCursor
    opened.pen.size = 1
    assert opened.cursor().shape() == Qt.CursorShape.CrossCursor
    opened.pen.tool = Tool.HAND
    assert opened.cursor().shape() == Qt.CursorShape.OpenHandCursor


@pytest.mark.parametrize("zoom", [0.37, 1.0, 2.6, 17.0])
def test_what_is_repainted_after_each_event_is_enough_and_leaves_no_seam(canvas, zoom):
    rng = np.random.default_rng(3)
    noise = rng.integers(0, 255, (700, 900, 3), dtype=np.uint8)
    canvas.document.open(Picture(noise), "noise")
    canvas.pen.tool = Tool.HAND
    canvas.zoom_to(zoom, 216, 176)
    piecewise = canvas.grab()
    parts = []
    canvas.document.mask_changed.connect(lambda box: parts.append(canvas.screen_rect(box)))
    canvas.document.begin_stroke(Brush(60 / zoom, 0.3))
    for step in range(8):
        x, y = canvas.view.to_picture(60 + 40 * step + 0.3, 100 + 12.7 * step)
        canvas.document.stroke_to(x, y)
    canvas.document.end_stroke()
    canvas.document.undo()
    canvas.document.redo()
    for part in parts:
        canvas.render(piecewise, part.topLeft(), QRegion(part))
    assert len(parts) == 10
    assert all(part.width() < 300 for part in parts[:8])
    whole = canvas.grab().toImage()
    assert most_different(piecewise.toImage(), whole) <= 1  # rounding, at other zooms


def most_different(one: QImage, other: QImage) -> int:
    pair = [from_qimage(image).pixels.astype(int) for image in (one, other)]
    return int(np.abs(pair[0] - pair[1]).max())


# Another picture in the same place


def test_a_step_is_shown_in_the_place_of_the_picture_whatever_its_size(opened):
    view = opened.view
    opened.show_picture(picture(10, 8, (0, 0, 255)), "Step 7")
    assert opened.view == view
    assert opened.caption == "Step 7"
    for place in ((3, 3), (97, 3), (3, 60)):
        assert close_to(color_at(opened, *place), (0, 0, 255))
    opened.show_picture(None)
    assert opened.caption == ""
    assert close_to(color_at(opened, 50, 40), (200, 60, 20))


def test_a_step_of_another_shape_is_not_stretched(opened):
    opened.show_picture(picture(8, 8, (0, 0, 255)))
    assert close_to(color_at(opened, 50, 40), (0, 0, 255))
    assert close_to(color_at(opened, 12, 40), (0, 0, 255))
    assert not close_to(color_at(opened, 5, 40), (0, 0, 255), 40)


def test_the_first_run_shows_its_steps_where_its_picture_will_be(canvas):
    canvas.show_picture(picture(20, 16, (0, 0, 255)), "Step 0")
    place = canvas_rect(canvas)
    canvas.show_picture(None)
    canvas.document.open(picture(), "result")
    assert canvas_rect(canvas) == pytest.approx(place, abs=1)


def test_the_mask_is_not_drawn_over_a_step(opened):
    opened.document.mask_invert()
    assert not close_to(color_at(opened, 50, 40), (200, 60, 20), 20)
    opened.show_picture(picture(10, 8, (0, 0, 255)))
    assert close_to(color_at(opened, 50, 40), (0, 0, 255))


def test_during_a_stroke_the_document_stays_in_sight(qtbot, opened):
    step = picture(10, 8, (0, 0, 255))
    opened.show_picture(step, "live")
    qtbot.mousePress(opened, Left, None_, at(opened, 20, 20))
    assert opened.shown is opened.document.picture
    newer = picture(10, 8, (0, 255, 0))
    opened.show_picture(newer, "newer")
    assert opened.shown is opened.document.picture
    qtbot.mouseRelease(opened, Left, None_, at(opened, 20, 20))
    assert opened.shown is newer
    assert opened.document.has_mask


# Words and drops


def test_status_tells_size_zoom_and_the_pixel_under_the_pointer(qtbot, opened):
    told = []
    opened.status_changed.connect(told.append)
    qtbot.mouseMove(opened, at(opened, 12, 34))
    assert told[-1] == "100 × 80  ·  400 %  ·  12, 34  ·  #c83c14"
    qtbot.mouseMove(opened, QPoint(2, 2))
    assert told[-1] == "100 × 80  ·  400 %"
    opened.document.clear()
    assert told[-1] == ""


def test_dropped_files_and_images_are_told(qtbot, canvas, tmp_path):
    files, images = [], []
    canvas.files_dropped.connect(files.append)
    canvas.image_dropped.connect(images.append)

    def drop(data: QMimeData) -> bool:
        copy, place = Qt.DropAction.CopyAction, QPoint(50, 50)
        enter = QDragEnterEvent(place, copy, data, Left, None_)
        enter.ignore()
        canvas.dragEnterEvent(enter)
        if enter.isAccepted():
            canvas.dropEvent(QDropEvent(QPointF(place), copy, data, Left, None_))
        return enter.isAccepted()

    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(tmp_path / "a.png"))])
    assert drop(data)
    image = QImage(3, 2, QImage.Format.Format_RGB32)
    image.fill(QColor("red"))
    data = QMimeData()
    data.setImageData(image)
    assert drop(data)
    data = QMimeData()
    data.setText("words")
    assert not drop(data)
    assert files == [[str(tmp_path / "a.png")]]
    assert [(i.width(), i.height()) for i in images] == [(3, 2)]


def test_a_mask_that_is_set_or_undone_from_elsewhere_is_seen(opened):
    pixels = np.zeros((80, 100), np.uint8)
    pixels[:, :50] = 255
    opened.pen.tool = Tool.HAND
    opened.document.set_mask(Mask(pixels))
    assert not close_to(color_at(opened, 20, 40), (200, 60, 20), 20)
    assert close_to(color_at(opened, 70, 40), (200, 60, 20))
    opened.document.mask_invert()
    assert close_to(color_at(opened, 20, 40), (200, 60, 20))
    opened.document.mask_clear()
    assert close_to(color_at(opened, 70, 40), (200, 60, 20))
