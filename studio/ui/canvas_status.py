"""What is in sight and under the pointer, in words."""

from __future__ import annotations

import math

from PySide6.QtCore import QPointF, QRectF

from studio.core.picture import Picture
from studio.ui.canvas_view import percent


def describe(picture: Picture, zoom: float | None, place: QRectF, pointer: QPointF | None) -> str:
    """Size, zoom, and the pixel under the pointer of a picture that fills `place`."""
    size = picture.size
    words = [f"{size.width} × {size.height}"]
    if zoom is not None:
        words.append(percent(zoom))
    if pointer is not None:
        x = math.floor((pointer.x() - place.x()) / place.width() * size.width)
        y = math.floor((pointer.y() - place.y()) / place.height() * size.height)
        if 0 <= x < size.width and 0 <= y < size.height:
            color = "".join(f"{value:02x}" for value in picture.pixels[y, x])
            words += [f"{x}, {y}", f"#{color}"]
    return "  ·  ".join(words)
