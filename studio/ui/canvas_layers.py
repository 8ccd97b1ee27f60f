"""A picture and a mask drawn at any zoom, at a cost that follows the screen, not the picture.

All places are in device pixels of the widget.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QBrush, QImage, QPainter, QPixmap

from studio.core.geometry import Box
from studio.core.picture import Picture, Pixels
from studio.ui.canvas_mips import Pyramid, best_level, enlarged, enlargement, premultiplied
from studio.ui.pixels import alpha_image, screen_image

_MARGIN = 128
"""Pixels beyond the visible part that are made ready too, for panning."""
AT_ONCE = 32_000_000
"""A picture of no more pixels is drawn well at once: that takes less than a frame or two."""


class PictureLayer:
    """Keeps only the part in sight as an image for Qt.

    A very large picture is drawn coarsely at first: `unfinished` is the work left to draw it well.
    """

    def __init__(self, picture: Picture) -> None:
        self.picture = picture
        self.unfinished: Iterator[None] | None = None
        self._building = 0
        """The level that `unfinished` is for."""
        self._pyramid = Pyramid(picture.pixels)
        self._image = QImage()
        self._made: tuple[int, int, bool, Box] | None = None

    def draw(self, painter: QPainter, target: QRectF, seen: QRectF, smooth: bool) -> None:
        """Draw the part of the picture, which as a whole fills `target`, that lies in `seen`."""
        size = self.picture.size
        zoom = max(target.width() / size.width, target.height() / size.height)
        level = best_level(zoom, self._pyramid.top)
        factor = enlargement(self._pyramid.pixels, zoom) if smooth else 1
        if factor > 1:
            pixel, whole = 1.0 / factor, Box(0, 0, size.width * factor, size.height * factor)
        else:
            pixel, whole = float(2**level), Box.of(self._pyramid.size(level))
        scale_x = target.width() / size.width * pixel
        scale_y = target.height() / size.height * pixel
        need = _visible(target, seen, scale_x, scale_y, whole)
        if need.empty:
            return
        box = self._ready(level, factor, need, whole)
        painter.save()
        painter.setClipRect(target, Qt.ClipOperation.IntersectClip)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, smooth)
        painter.drawImage(
            QRectF(
                target.x() + need.x * scale_x,
                target.y() + need.y * scale_y,
                need.width * scale_x,
                need.height * scale_y,
            ),
            self._image,
            QRectF(need.x - box.x, need.y - box.y, need.width, need.height),
        )
        painter.restore()

    def _ready(self, level: int, factor: int, need: Box, whole: Box) -> Box:
        """Have an image of at least `need`; returns the box it covers."""
        good = self._pyramid.ready(level)
        if not good and self.picture.size.area <= AT_ONCE:
            self._pyramid.level(level)
            good = True
        if good:
            self.unfinished = None
        elif self.unfinished is None or self._building != level:
            self.unfinished, self._building = self._pyramid.build(level), level
        if self._made:
            *made, box = self._made
            if made == [level, factor, good] and box.contains(need):
                return box
        if factor > 1:
            box = whole
            large = enlarged(self.picture.pixels, factor)
            self._image = screen_image(premultiplied(large))
        else:
            box = need.grow(_MARGIN).intersect(whole)
            self._image = screen_image(self._pyramid.part(level, box))
        self._made = (level, factor, good, box)
        return box


class MaskLayer:
    """The mask as a veil of one colour; follows the mask's own pixels as they change."""

    def __init__(self, pixels: Pixels, painted: Box) -> None:
        """`painted` holds all of the mask that is set."""
        self._pyramid = Pyramid(pixels, painted)

    def follows(self, pixels: Pixels) -> bool:
        """Whether this layer looks at the same memory."""
        return self._pyramid.pixels.base is pixels.base

    def update(self, box: Box) -> None:
        self._pyramid.update(box)

    def draw(
        self,
        painter: QPainter,
        target: QRectF,
        seen: QRectF,
        smooth: bool,
        look: QBrush,
    ) -> None:
        """Draw the part in `seen` of the mask, which as a whole fills `target`, as so much of
        `look` as is masked."""
        zoom = target.width() / self._pyramid.pixels.shape[1]
        level = best_level(zoom, self._pyramid.top)
        pixels = self._pyramid.level(level)
        scale = zoom * 2**level
        need = _visible(target, seen, scale, scale, Box(0, 0, pixels.shape[1], pixels.shape[0]))
        if need.empty:
            return
        part = pixels[need.rows, need.columns]
        if not part.any():
            return
        area = seen.intersected(target).toAlignedRect()
        if area.isEmpty():
            return
        veil = QPixmap(area.size())
        veil.fill(Qt.GlobalColor.transparent)
        drawing = QPainter(veil)
        drawing.translate(-area.x(), -area.y())
        drawing.setClipRect(target)
        drawing.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, smooth)
        drawing.drawImage(
            QRectF(
                target.x() + need.x * scale,
                target.y() + need.y * scale,
                need.width * scale,
                need.height * scale,
            ),
            alpha_image(part),
        )
        drawing.setCompositionMode(QPainter.CompositionMode.CompositionMode_SourceIn)
        drawing.setBrushOrigin(target.topLeft())
        drawing.fillRect(area, look)
        drawing.end()
        painter.drawPixmap(area.topLeft(), veil)


def _visible(target: QRectF, seen: QRectF, scale_x: float, scale_y: float, whole: Box) -> Box:
    """The pixels that fall into `seen`, and a few around them for a smooth edge."""
    return Box.between(
        math.floor((seen.left() - target.x()) / scale_x) - 2,
        math.floor((seen.top() - target.y()) / scale_y) - 2,
        math.ceil((seen.right() - target.x()) / scale_x) + 2,
        math.ceil((seen.bottom() - target.y()) / scale_y) + 2,
    ).intersect(whole)
