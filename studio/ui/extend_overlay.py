"""Margins around the picture, drawn where they will be filled, with edges to drag."""

from __future__ import annotations

from dataclasses import astuple

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QPainter, QPen

from studio.core.geometry import Box, Margins
from studio.core.recipe import NO_MARGINS
from studio.session.session import Session
from studio.ui import canvas_paint as paint
from studio.ui.bind import watch
from studio.ui.canvas_marks import LIGHT
from studio.ui.canvas_overlay import Overlay
from studio.ui.canvas_screen import CanvasScreen
from studio.ui.canvas_view import View
from studio.ui.handles import CURSORS, draw_grips, grip_at, pulled

PART = 0.12
"""Of the picture's longer side: room left around it to drag its edges into."""


class ExtendOverlay(Overlay):
    """The edges can be dragged while `framing.extending` is on; Shift moves opposite edges alike.

    It also has the canvas make room for the margins, and show the results where they belong.
    """

    def __init__(self, session: Session, canvas: CanvasScreen) -> None:
        self.session, self.canvas = session, canvas
        self._grip = ""
        self._from: tuple[QPointF, Box, Margins] | None = None
        watch(session.desk.framing.changed, canvas, self._make_room)
        watch(session.viewing.changed, canvas, self._make_room)
        canvas.overlays.add(self)
        self._make_room()

    def paint(self, painter: QPainter, view: View, ratio: float) -> None:
        frame = self._frame(view)
        if frame is None:
            return
        framing = self.session.desk.framing
        if framing.margins:
            self._paint_margins(painter, view, frame, ratio)
        if framing.extending:
            painter.setPen(QPen(LIGHT, max(1.0, ratio)))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(frame)
            accent = self.canvas.palette().highlight().color().lighter(150)
            draw_grips(painter, frame, ratio, accent)

    def _paint_margins(self, painter: QPainter, view: View, frame: QRectF, ratio: float) -> None:
        picture = self.session.document.picture
        assert picture is not None
        inner = QRectF(
            view.x, view.y, picture.size.width * view.zoom, picture.size.height * view.zoom
        )
        veil: QBrush = paint.stripes(
            self.canvas.overlay_color.rgb(), self.canvas.overlay_opacity, ratio
        )
        for part in (
            QRectF(frame.left(), frame.top(), frame.width(), inner.top() - frame.top()),
            QRectF(frame.left(), inner.bottom(), frame.width(), frame.bottom() - inner.bottom()),
            QRectF(frame.left(), inner.top(), inner.left() - frame.left(), inner.height()),
            QRectF(inner.right(), inner.top(), frame.right() - inner.right(), inner.height()),
        ):
            seen = part.intersected(painter.clipBoundingRect())
            if not seen.isEmpty():
                paint.draw_checkerboard(painter, seen, frame, max(4, round(8 * ratio)))
                painter.fillRect(seen, veil)

    def hover(self, place: QPointF) -> Qt.CursorShape | None:
        return CURSORS.get(self._grip_at(place))

    def press(self, place: QPointF, modifiers: Qt.KeyboardModifier) -> bool:
        self._grip = self._grip_at(place)
        if not self._grip:
            return False
        framing = self.session.desk.framing
        margins = framing.margins
        frame = Box(-margins.left, -margins.top, framing.size.width, framing.size.height)
        self._from = place, frame, margins
        return True

    def move(self, place: QPointF, modifiers: Qt.KeyboardModifier) -> None:
        picture = self.session.document.picture
        if self._from is None or picture is None:
            return
        start, frame, before = self._from
        moved = (place - start) / self.canvas.zoom
        box = pulled(frame, self._grip, moved.x(), moved.y())
        left, top = -box.x, -box.y
        right, bottom = box.right - picture.size.width, box.bottom - picture.size.height
        if modifiers & Qt.KeyboardModifier.ShiftModifier:
            left, right = _alike(left, right, before.left, before.right)
            top, bottom = _alike(top, bottom, before.top, before.bottom)
        sides = (max(0, side) for side in (left, top, right, bottom))
        self.session.desk.framing.margins = Margins(*sides)

    def release(self, place: QPointF, modifiers: Qt.KeyboardModifier) -> None:
        self._from = None
        self._make_room()

    def cancel(self) -> None:
        if self._from is not None:
            before, self._from = self._from[2], None
            self.session.desk.framing.margins = before

    def _make_room(self) -> None:
        framing, picture = self.session.desk.framing, self.session.document.picture
        self.canvas.update()
        if self._from is not None or picture is None:
            return  # The picture does not move under the hand that drags its edge.
        room = framing.margins
        if framing.extending:
            more = round(PART * max(picture.size.width, picture.size.height))
            room = Margins(*(side + more for side in astuple(room)))
        viewing = self.session.viewing
        shown = viewing.shown
        run = viewing.offer if shown and shown.kind == "result" else viewing.run
        there = shown and shown.kind != "history" and run and run.base == picture.size
        self.canvas.set_margins(room, run.recipe.extend if there and run else NO_MARGINS)

    def _frame(self, view: View) -> QRectF | None:
        """The picture with its margins, where the document itself is in sight."""
        framing = self.session.desk.framing
        if self.session.document.picture is None or self.session.viewing.shown is not None:
            return None
        corner = QPointF(*view.to_screen(-framing.margins.left, -framing.margins.top))
        size = framing.size
        return QRectF(corner.x(), corner.y(), size.width * view.zoom, size.height * view.zoom)

    def _grip_at(self, place: QPointF) -> str:
        frame = self._frame(self.canvas.view)
        if frame is None or not self.session.desk.framing.extending:
            return ""
        return grip_at(frame, place, self.canvas.devicePixelRatioF())


def _alike(one: int, other: int, was_one: int, was_other: int) -> tuple[int, int]:
    """Both opposite margins as large as the one that is dragged."""
    if one != was_one:
        return one, one
    return (other, other) if other != was_other else (one, other)
