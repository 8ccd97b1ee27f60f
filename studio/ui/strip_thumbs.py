"""The strip's pictures at the size they are painted in, kept ready within a bound."""

from __future__ import annotations

from PySide6.QtCore import QSize, QSizeF, Qt
from PySide6.QtGui import QPixmap

from studio.core.picture import Picture
from studio.ui.pixels import to_qimage

BUDGET = 48 * 2**20
"""Bytes of scaled pictures: some thousands of them."""


class Thumbnails:
    """By step and picture of the batch; all of one size, which follows the strip's."""

    def __init__(self) -> None:
        self._size = QSize()
        self._ready: dict[tuple[int, int], tuple[Picture, QPixmap]] = {}

    def __len__(self) -> int:
        return len(self._ready)

    def clear(self) -> None:
        self._ready.clear()

    def get(self, index: int, image: int, picture: Picture, place: QSizeF, ratio: float) -> QPixmap:
        """The picture at this size in logical pixels, `ratio` device pixels each."""
        size = (place * ratio).toSize().expandedTo(QSize(1, 1))
        if size != self._size:
            self._ready.clear()
            self._size = size
        source, ready = self._ready.get((index, image), (None, None))
        if ready is None or source is not picture:
            ready = _scaled(picture, size, ratio)
            most = max(64, BUDGET // (4 * size.width() * size.height()))
            while len(self._ready) >= most:
                del self._ready[next(iter(self._ready))]
            self._ready[index, image] = picture, ready
        return ready


def _scaled(picture: Picture, size: QSize, ratio: float) -> QPixmap:
    image = to_qimage(picture).scaled(
        size, Qt.AspectRatioMode.IgnoreAspectRatio, Qt.TransformationMode.SmoothTransformation
    )
    made = QPixmap.fromImage(image)
    made.setDevicePixelRatio(ratio)
    return made
