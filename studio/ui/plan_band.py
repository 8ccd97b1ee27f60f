"""The soft edge of the next fill over the picture: as fine as it can be seen, where it is seen."""

from __future__ import annotations

from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QImage, QPainter

from studio.core.geometry import Box, Margins, Size
from studio.core.picture import Pixels
from studio.imaging.banding import band, coarseness
from studio.ui.pixels import alpha_image

COLOR = QColor(80, 200, 255)
OPACITY = 0.75
AROUND = 4
"""Part of what is seen that is worked out beyond each of its sides, to be moved into sight."""


class PlanBand:
    """Boxes are in pixels of the picture with its margins."""

    def __init__(self) -> None:
        self._image: QImage | None = None
        self._whole = self._done = self._lies = Box(0, 0, 0, 0)
        self._reach = 0
        self._step = 1

    def clear(self) -> None:
        self._image = None

    def make(
        self,
        mask: Pixels | None,
        picture: tuple[Size, Margins],
        whole: Box,
        feather: int,
        seen: Box,
    ) -> None:
        """Work it out where it is seen and a little around. `whole`: where there can be any."""
        self._whole, self._reach = whole, feather
        self._done = self._area(seen)
        self._image = None
        if self._done.empty:
            return
        self._step = coarseness(self._done)
        size, margins = picture
        pixels = band(mask, (Box.of(size), margins), self._done, feather)
        rows, columns = pixels.shape
        self._lies = Box(self._done.x, self._done.y, columns * self._step, rows * self._step)
        share = alpha_image(pixels)
        self._image = QImage(share.size(), QImage.Format.Format_ARGB32_Premultiplied)
        self._image.fill(COLOR)
        brush = QPainter(self._image)
        brush.setCompositionMode(QPainter.CompositionMode.CompositionMode_DestinationIn)
        brush.drawImage(0, 0, share)
        brush.end()

    def fits(self, seen: Box) -> bool:
        """Whether making it again would show nothing more."""
        part = seen.intersect(self._whole)
        if part.empty:
            return True
        return self._done.contains(part) and coarseness(self._area(seen)) >= self._step

    @property
    def lies(self) -> Box:
        """Where it is painted; empty if there is nothing to paint."""
        return self._lies if self._image is not None else Box(0, 0, 0, 0)

    def paint(self, painter: QPainter, rect: QRectF, smooth: bool) -> None:
        """`rect` is where `lies` is on the screen; `smooth`: whether the picture's pixels are."""
        if self._image is None:
            return
        smooth = smooth or self._step > 1
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, smooth)
        painter.setOpacity(OPACITY)
        painter.drawImage(rect, self._image)
        painter.setOpacity(1.0)

    def _area(self, seen: Box) -> Box:
        more = max(self._reach, max(seen.width, seen.height) // AROUND)
        return seen.grow(more).intersect(self._whole)
