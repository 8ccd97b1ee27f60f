"""The place whose numbers are explained, marked on the canvas: drag it, or click elsewhere."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from studio.core.explanation import Place
from studio.session.session import Session
from studio.ui.canvas import CanvasView
from studio.ui.canvas_overlay import Overlay
from studio.ui.canvas_view import View
from studio.ui.explain import ExplainPanel

REACH = 12.0
"""Logical pixels around the marker in which it can be taken hold of."""
SMALLEST = 9.0


class ProbeMarker(Overlay):
    """Shown while the panel is. With the panel's "choose" button down, every click moves it."""

    def __init__(self, canvas: CanvasView, panel: ExplainPanel, session: Session) -> None:
        self._canvas, self._panel, self._session = canvas, panel, session
        self._before: Place | None = None

    @property
    def cell(self) -> QRectF | None:
        """The marked latent's place on the canvas, in device pixels; None if there is none."""
        region, explanation = self._region(), self._panel.explaining.explanation
        if region is None or explanation is None:
            return None
        _, height, width = explanation.size
        at = explanation.place
        across, down = region.width() / width, region.height() / height
        return QRectF(region.x() + at.column * across, region.y() + at.row * down, across, down)

    def paint(self, painter: QPainter, view: View, ratio: float) -> None:
        cell = self.cell
        if cell is None:
            return
        grow = max(0.0, SMALLEST * ratio - cell.width()) / 2
        mark = cell.adjusted(-grow, -grow, grow, grow)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        arm, middle = 7 * ratio, mark.center()
        self._paint_material(painter, ratio)
        for color, width in (("#000000", 3.4), ("#ffffff", 1.5)):
            painter.setPen(QPen(QColor(color), width * ratio))
            painter.drawRect(mark)
            for out, start in (
                (QPointF(-arm, 0), QPointF(mark.left(), middle.y())),
                (QPointF(arm, 0), QPointF(mark.right(), middle.y())),
                (QPointF(0, -arm), QPointF(middle.x(), mark.top())),
                (QPointF(0, arm), QPointF(middle.x(), mark.bottom())),
            ):
                painter.drawLine(start, start + out)

    @property
    def squares(self) -> list[tuple[QRectF, float]]:
        """What the place is made of, on the canvas, in device pixels, and how much each is."""
        region, explanation = self._region(), self._panel.explaining.explanation
        if region is None or explanation is None:
            return []
        _, height, width = explanation.size
        across, down = region.width() / width, region.height() / height
        return [
            (
                QRectF(
                    region.x() + part.column * across,
                    region.y() + part.row * down,
                    part.side * across,
                    part.side * down,
                ),
                part.weight,
            )
            for part in explanation.material
        ]

    def _paint_material(self, painter: QPainter, ratio: float) -> None:
        """The heavier, the more to be seen; lightest first, so that the heaviest lies on top."""
        for square, weight in reversed(self.squares):
            seen = round(255 * (0.35 + 0.65 * min(1.0, weight)))
            for red, green, blue, width in ((0, 0, 0, 3.4), (255, 196, 61, 1.6)):
                painter.setPen(QPen(QColor(red, green, blue, seen), width * ratio))
                painter.drawRect(square)

    def hover(self, place: QPointF) -> Qt.CursorShape | None:
        return Qt.CursorShape.CrossCursor if self._takes(place) else None

    def press(self, place: QPointF, modifiers: Qt.KeyboardModifier) -> bool:
        if not self._takes(place):
            return False
        self._before = self._panel.explaining.place
        self.move(place, modifiers)
        return True

    def move(self, place: QPointF, modifiers: Qt.KeyboardModifier) -> None:
        region, explanation = self._region(), self._panel.explaining.explanation
        if region is None or explanation is None or region.isEmpty():
            return
        _, height, width = explanation.size
        column = int((place.x() - region.x()) / region.width() * width)
        row = int((place.y() - region.y()) / region.height() * height)
        at = Place(
            explanation.place.channel,
            min(max(row, 0), height - 1),
            min(max(column, 0), width - 1),
        )
        if at != self._panel.explaining.place:
            self._panel.explaining.probe(at)

    def cancel(self) -> None:
        self._panel.explaining.probe(self._before)

    def _takes(self, place: QPointF) -> bool:
        cell, region = self.cell, self._region()
        if cell is None or region is None:
            return False
        if self._panel.pick.isChecked():
            return region.contains(place)
        reach = REACH * self._canvas.devicePixelRatioF()
        return cell.adjusted(-reach, -reach, reach, reach).contains(place)

    def _region(self) -> QRectF | None:
        """Where the run's latents lie on the canvas: with a mask that is a part of the picture."""
        viewing, document = self._session.viewing, self._session.document
        run, shown = viewing.run, viewing.shown
        if run is None or not self._panel.isVisible() or self._canvas.frame is None:
            return None
        if self._session.comparison.sides is not None:
            return None
        if shown is not None and shown.kind not in ("step", "live"):
            return None
        picture = shown.picture if shown else document.picture
        if picture is None or (
            shown is None and all(result.picture is not picture for result in run.results)
        ):
            return None
        place = self._canvas.place_of(picture.size)
        if run.inlay is None:
            return place
        box, whole = run.inlay.box, run.inlay.size
        across, down = place.width() / whole.width, place.height() / whole.height
        return QRectF(
            place.x() + box.x * across,
            place.y() + box.y * down,
            box.width * across,
            box.height * down,
        )
