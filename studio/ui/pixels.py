"""Between our pixels and Qt's. The only place that makes QImages.

A QImage made over a numpy buffer aliases it, so each is copied before it leaves.
"""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QColorSpace, QImage, QPainter, QPainterPath

from studio.core.errors import CannotOpen
from studio.core.geometry import Box
from studio.core.picture import Mask, Picture, Pixels


def to_qimage(what: Picture | Mask) -> QImage:
    """A picture as RGB888 or RGBA8888, a mask as Grayscale8."""
    pixels = what.pixels
    height, width = pixels.shape[:2]
    if isinstance(what, Mask):
        kind = QImage.Format.Format_Grayscale8
    elif what.has_alpha:
        kind = QImage.Format.Format_RGBA8888
    else:
        kind = QImage.Format.Format_RGB888
    return QImage(pixels.data, width, height, pixels.strides[0], kind).copy()


def from_qimage(image: QImage) -> Picture:
    """Any image as sRGB; alpha only if some of it is not opaque. Raises CannotOpen if empty."""
    if image.isNull():
        raise CannotOpen("There is no picture in what was dropped or pasted.", "Copy it again.")
    if image.colorSpace().isValid():
        image = image.convertedToColorSpace(QColorSpace(QColorSpace.NamedColorSpace.SRgb))
    image = image.convertToFormat(QImage.Format.Format_RGBA8888)
    height, width = image.height(), image.width()
    lines = np.frombuffer(image.constBits(), np.uint8).reshape(height, image.bytesPerLine())
    pixels = lines[:, : width * 4].reshape(height, width, 4)
    if (pixels[..., 3] == 255).all():
        pixels = pixels[..., :3]
    return Picture(pixels.copy())


def screen_image(pixels: Pixels) -> QImage:
    """H×W×3, or H×W×4 with premultiplied alpha, in the format that is quickest to draw.

    A part of a larger array is read where it lies, without a copy.
    """
    height, width, channels = pixels.shape
    if pixels.strides[1:] != (channels, 1) or pixels.strides[0] <= 0:
        pixels = np.ascontiguousarray(pixels)
    if channels == 4:
        kind = QImage.Format.Format_RGBA8888_Premultiplied
        target = QImage.Format.Format_ARGB32_Premultiplied
    else:
        kind, target = QImage.Format.Format_RGB888, QImage.Format.Format_RGB32
    line = pixels.strides[0]
    run = np.lib.stride_tricks.as_strided(
        pixels, ((height - 1) * line + width * channels,), (1,), writeable=False
    )
    return QImage(run.data, width, height, line, kind).convertToFormat(target)


def alpha_image(mask: Pixels) -> QImage:
    """A part of a mask (H×W) as nothing but alpha."""
    mask = np.ascontiguousarray(mask)
    height, width = mask.shape
    return QImage(mask.data, width, height, width, QImage.Format.Format_Alpha8).copy()


def coverage(path: QPainterPath, box: Box) -> Pixels:
    """H×W uint8: how much of each pixel of `box`, not empty, lies inside a path, 0..255."""
    image = QImage(box.width, box.height, QImage.Format.Format_Alpha8)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
    painter.translate(-box.x, -box.y)
    painter.fillPath(path, Qt.GlobalColor.white)
    painter.end()
    lines = np.frombuffer(image.constBits(), np.uint8).reshape(box.height, image.bytesPerLine())
    return lines[:, : box.width].copy()
