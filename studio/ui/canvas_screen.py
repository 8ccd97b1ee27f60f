"""The canvas to look at: the document's picture and mask, or another picture in their place.

Painted in device pixels, so that 100 % means one pixel of the picture for each of the screen.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPalette, QResizeEvent
from PySide6.QtWidgets import QWidget

from studio.core.geometry import Box, Margins, Size
from studio.core.picture import Picture
from studio.core.recipe import NO_MARGINS
from studio.session.document import Document
from studio.ui import canvas_paint as paint
from studio.ui.bind import watch
from studio.ui.canvas_layers import MaskLayer, PictureLayer
from studio.ui.canvas_overlay import Overlays
from studio.ui.canvas_refine import Refiner
from studio.ui.canvas_status import describe
from studio.ui.canvas_view import View

SMOOTH_BELOW = 8.0
"""Up to this zoom, on a screen without scaling, pixels are smoothed; above they are squares."""
SMOOTH_FIT_BELOW = 24.0
"""At fit a small picture should look good rather than show its pixels; up to this zoom."""
GRID_FROM = 12.0
_MARGIN = 16
_STAND_IN = 1024
"""Longer side of the place for a picture shown while the document has none."""


class CanvasScreen(QWidget):
    """Shows; `CanvasView` adds what the hands do."""

    zoom_changed = Signal(float)
    """1.0 is 100 %."""
    status_changed = Signal(str)
    """Size, zoom, and the pixel under the pointer, in words."""

    def __init__(self, document: Document, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.document = document
        self.overlays = Overlays(self.update)
        self.view = View()
        self.fitting = True
        """Whether the picture is fitted again when the canvas or the picture changes size."""
        self.pointer: QPointF | None = None
        """In device pixels of the canvas; None while the pointer is elsewhere."""
        self.overlay_color = QColor(240, 40, 120)
        self.overlay_opacity = 0.5
        self._picture: PictureLayer | None = None
        self._mask: MaskLayer | None = None
        self._other: PictureLayer | None = None
        self._spare: PictureLayer | None = None
        """The one shown before: comparing goes back and forth, and a result shown is taken."""
        self._refiner = Refiner(self)
        self._caption = ""
        self._room = self._reach = NO_MARGINS
        self._frame: Size | None = None
        self._status = ""
        self._dragged_over = False
        self._reached_by_key = False
        self.setBackgroundRole(QPalette.ColorRole.Dark)
        self.setAutoFillBackground(True)
        watch(document.picture_changed, self, self._picture_changed)
        watch(document.mask_changed, self, self._mask_changed)
        self._picture_changed()

    # What is shown

    @property
    def shown(self) -> Picture | None:
        """The picture in sight: another one for the time being, or the document's."""
        return self._other.picture if self._other else self.document.picture

    @property
    def caption(self) -> str:
        return self._caption

    @property
    def frame(self) -> Size | None:
        """The size, in pixels of the picture, of the place where pictures are shown."""
        if self.document.picture is not None:
            return self.document.picture.size
        if self._other:
            size = self._other.picture.size
            scale = _STAND_IN / max(size.width, size.height)
            return Size(max(1, round(size.width * scale)), max(1, round(size.height * scale)))
        return None

    def show_picture(self, picture: Picture | None, caption: str = "") -> None:
        """Show this in the place of the document's picture, whatever its resolution; None: back."""
        if picture is None:
            self._spare, self._other, caption = self._other or self._spare, None, ""
        elif self._other is None or self._other.picture is not picture:
            self._other = self._layer_of(picture)
        self._caption = caption
        self._reframe()

    def set_margins(self, margins: Margins, other: Margins = NO_MARGINS) -> None:
        """Room to show around the picture; how far another one in its place reaches beyond it."""
        if (margins, other) != (self._room, self._reach):
            self._room, self._reach = margins, other
            if self.fitting:
                self.fit()
            self.update()

    def _layer_of(self, picture: Picture) -> PictureLayer:
        """What there is of this picture already, or a new layer."""
        for layer in (self._spare, self._other, self._picture):
            if layer is not None and layer.picture is picture:
                return layer
        return PictureLayer(picture)

    # Zoom

    @property
    def zoom(self) -> float:
        return self.view.zoom

    @property
    def viewport(self) -> Size:
        """This canvas, in device pixels."""
        ratio = self.devicePixelRatioF()
        return Size(max(1, round(self.width() * ratio)), max(1, round(self.height() * ratio)))

    def fit(self) -> None:
        """All of the picture in sight, and again whenever the canvas changes its size."""
        self.fitting = True
        if self.frame:
            margin = _MARGIN * self.devicePixelRatioF()
            room = self._reach if self._other and self._reach else self._room
            self._look(View.fitted(self.frame, self.viewport, margin, room))

    def actual_size(self) -> None:
        """One pixel of the picture for each of the screen."""
        middle = self.viewport
        self.zoom_to(1.0, middle.width / 2, middle.height / 2)

    def zoom_to(self, zoom: float, x: float, y: float) -> None:
        """Zoom with the place under (x, y), in device pixels, staying there."""
        if self.frame:
            self.fitting = False
            view = self.view.zoomed(zoom, x, y)
            self._look(view.kept(self.frame, self.viewport).snapped())

    def pan(self, dx: float, dy: float) -> None:
        """Move the picture by device pixels; some of it always stays in sight."""
        if self.frame:
            self.fitting = False
            self._look(self.view.moved(dx, dy).kept(self.frame, self.viewport).snapped())

    def _look(self, view: View) -> None:
        zoomed = view.zoom != self.view.zoom
        self.view = view
        self.update()
        if zoomed:
            self.zoom_changed.emit(view.zoom)
        self.tell()

    # Follow the document

    def _picture_changed(self) -> None:
        picture = self.document.picture
        if picture is None:
            self._picture = None
        elif self._picture is None or self._picture.picture is not picture:
            self._picture = self._layer_of(picture)
        self._spare = None
        self._match_mask()
        self._reframe()

    def _mask_changed(self, box: Box) -> None:
        if not self._match_mask() and self._mask:
            self._mask.update(box)
        if not self._other:
            self.update(self.screen_rect(box))

    def _match_mask(self) -> bool:
        """Look at the document's mask; True if it is another one than before."""
        live = self.document.live_mask
        if live is None or (self._mask and self._mask.follows(live)):
            self._mask = self._mask if live is not None else None
            return False
        self._mask = MaskLayer(live, self.document.painted)
        return True

    def _reframe(self) -> None:
        if self.frame != self._frame:
            self._frame = self.frame
            self.fit()
        self.update()
        self.tell()

    def screen_rect(self, box: Box) -> QRect:
        """Where these pixels of the picture are, in the widget's own coordinates, and a bit more:
        smoothing reaches over to the neighbours."""
        ratio = self.devicePixelRatioF()
        left, top = self.view.to_screen(box.x - 1, box.y - 1)
        right, bottom = self.view.to_screen(box.right + 1, box.bottom + 1)
        rect = QRectF(left / ratio, top / ratio, (right - left) / ratio, (bottom - top) / ratio)
        return rect.adjusted(-2, -2, 2, 2).intersected(QRectF(self.rect())).toAlignedRect()

    def tell(self) -> None:
        """Say again what is in sight and under the pointer, if it has changed."""
        status = self._describe()
        if status != self._status:
            self._status = status
            self.status_changed.emit(status)

    def _describe(self) -> str:
        picture = self.shown
        if picture is None or self.frame is None:
            return ""
        zoom = self.zoom if self.document.picture is not None else None
        return describe(picture, zoom, self.place_of(picture.size), self.pointer)

    # Painting

    def resizeEvent(self, event: QResizeEvent) -> None:
        if self.fitting:
            self.fit()
        elif event.oldSize().isValid():
            ratio = self.devicePixelRatioF()
            grown = event.size() - event.oldSize()
            self.pan(grown.width() * ratio / 2, grown.height() * ratio / 2)

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.DevicePixelRatioChange and self.fitting:
            self.fit()
        super().changeEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        if self.shown is None:
            paint.draw_welcome(painter, QRectF(self.rect()), self.palette(), self.font())
        else:
            self._paint_pictures(painter, event.rect())
        if self._caption and self._other:
            area = QRectF(self.rect())
            paint.draw_pill(painter, area, self._caption, self.palette(), self.font())
        if self._dragged_over or (self._reached_by_key and self.hasFocus()):
            highlight = self.palette().color(QPalette.ColorRole.Highlight)
            width = 3 if self._dragged_over else 2
            paint.draw_frame(painter, QRectF(self.rect()), highlight, width)
        painter.end()

    def _paint_pictures(self, painter: QPainter, dirty: QRect) -> None:
        ratio = self.devicePixelRatioF()
        painter.save()
        painter.scale(1 / ratio, 1 / ratio)
        seen = QRectF(
            dirty.x() * ratio, dirty.y() * ratio, dirty.width() * ratio, dirty.height() * ratio
        )
        layer = self._other or self._picture
        assert layer is not None
        target = self.place_of(layer.picture.size)
        if layer.picture.has_alpha:
            square = max(4, round(8 * ratio))
            paint.draw_checkerboard(painter, target.intersected(seen), target, square)
        smooth = self.smooth
        layer.draw(painter, target, seen, smooth)
        self._refiner.see(layer)
        if not self._other:
            if self._mask and self.document.has_mask:
                look = paint.stripes(self.overlay_color.rgb(), self.overlay_opacity, ratio)
                self._mask.draw(painter, target, seen, smooth, look)
            if not smooth and self.zoom >= GRID_FROM * ratio:
                paint.draw_grid(painter, target, seen, self.zoom)
        painter.setClipRect(seen)
        self.overlays.paint(painter, self.view, ratio)
        self.paint_tool(painter, ratio)
        painter.restore()

    def paint_tool(self, painter: QPainter, ratio: float) -> None:
        """What the tool in hand shows over the picture, in device pixels."""

    @property
    def smooth(self) -> bool:
        """Whether pixels are smoothed at this zoom, rather than shown as squares."""
        ratio = self.devicePixelRatioF()
        limit = SMOOTH_FIT_BELOW if self.fitting or self._picture is None else SMOOTH_BELOW
        return self.zoom <= limit * ratio

    def place_of(self, size: Size) -> QRectF:
        """Where a picture of this size goes: the place of the document's, its own shape kept."""
        frame = self.frame
        assert frame is not None
        reach = self._reach if self._other and size == self._other.picture.size else NO_MARGINS
        return QRectF(*self.view.place(size, frame, reach))
