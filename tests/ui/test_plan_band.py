"""The soft edge of a plan: worked out where it is seen, pixel for pixel where there are few."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QRectF
from PySide6.QtGui import QImage, QPainter

from studio.core.geometry import Box, Margins, Size
from studio.core.picture import Mask, Pixels
from studio.imaging.masks import composite_mask
from studio.ui.plan_band import OPACITY, PlanBand

SIZE = Size(3000, 2000)
WHOLE = Box(492, 392, 2016, 1216)
FEATHER = 8


def mask() -> Pixels:
    pixels = np.zeros((SIZE.height, SIZE.width), np.uint8)
    rows, columns = np.mgrid[0 : SIZE.height, 0 : SIZE.width]
    inside = ((columns - 1500) / 1000) ** 2 + ((rows - 1000) / 600) ** 2 <= 1
    pixels[inside] = 255
    return pixels


def painted(band: PlanBand, seen: Box, zoom: int) -> Pixels:
    """HW: how much of the band's colour each pixel of the screen has, in 255ths."""
    image = QImage(seen.width * zoom, seen.height * zoom, QImage.Format.Format_RGBA8888)
    image.fill(0)
    lies = band.lies
    painter = QPainter(image)
    corner = (lies.x - seen.x) * zoom, (lies.y - seen.y) * zoom
    band.paint(painter, QRectF(*corner, lies.width * zoom, lies.height * zoom), smooth=False)
    painter.end()
    seen_pixels = np.frombuffer(image.constBits(), np.uint8)
    return seen_pixels.reshape(image.height(), image.width(), 4)[:, :, 3].copy()


def test_near_by_it_is_what_will_be_blended_pixel_by_pixel() -> None:
    pixels, band = mask(), PlanBand()
    seen = Box(700, 600, 100, 60)
    band.make(pixels, (SIZE, Margins()), WHOLE, FEATHER, seen)
    share = composite_mask(Mask(pixels), FEATHER)
    share[pixels > 0] = 0
    wanted = share[seen.rows, seen.columns].repeat(4, 0).repeat(4, 1) * OPACITY
    assert wanted.max() > 100
    assert np.abs(painted(band, seen, 4) - wanted).max() <= 2


def test_it_is_made_again_where_that_shows_more_and_only_there() -> None:
    band, everything = PlanBand(), Box.of(SIZE)
    near, beside = Box(700, 600, 100, 60), Box(710, 600, 100, 60)
    band.make(mask(), (SIZE, Margins()), WHOLE, FEATHER, everything)
    assert band.fits(everything)
    assert not band.fits(near)
    band.make(mask(), (SIZE, Margins()), WHOLE, FEATHER, near)
    assert band.fits(near)
    assert band.fits(beside)
    assert not band.fits(everything)
    assert band.fits(Box(0, 0, 100, 60))  # there is none


def test_far_away_nothing_is_painted() -> None:
    band = PlanBand()
    band.make(mask(), (SIZE, Margins()), WHOLE, FEATHER, Box(0, 0, 100, 60))
    assert band.lies.empty
    band.make(mask(), (SIZE, Margins()), WHOLE, FEATHER, Box(700, 600, 100, 60))
    band.clear()
    assert band.lies.empty
