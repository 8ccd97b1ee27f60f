"""Drawing in unit coordinates: (0, 0) is the top left corner, (1, 1) the bottom right."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw

from studio.starter.palette import RGB

Point = tuple[float, float]


class Pen:
    """Draws on a square picture of `side` pixels; colours may carry an opacity from 0 to 1.

    Beside the picture it keeps `map`, an 8-bit image of the same size in which every pixel holds
    `part`, the number of the part that was being drawn there last.
    """

    def __init__(self, side: int) -> None:
        self.image = Image.new("RGB", (side, side))
        self.map = Image.new("L", (side, side))
        self.part = 0
        self._draw = ImageDraw.Draw(self.image, "RGBA")
        self._mark = ImageDraw.Draw(self.map)
        self._side = side

    def poly(self, points: Sequence[Point], colour: RGB, opacity: float = 1.0) -> None:
        """A filled polygon."""
        s = self._side
        path = [(x * s, y * s) for x, y in points]
        self._draw.polygon(path, fill=_ink(colour, opacity))
        self._mark.polygon(path, fill=self.part)

    def disc(
        self, x: float, y: float, rx: float, ry: float, colour: RGB, opacity: float = 1.0
    ) -> None:
        """A filled ellipse about (x, y)."""
        s = self._side
        box = ((x - rx) * s, (y - ry) * s, (x + rx) * s, (y + ry) * s)
        self._draw.ellipse(box, fill=_ink(colour, opacity))
        if opacity > 0.5:  # a halo belongs to the sky
            self._mark.ellipse(box, fill=self.part)

    def rect(
        self, x0: float, y0: float, x1: float, y1: float, colour: RGB, opacity: float = 1.0
    ) -> None:
        """A filled rectangle; the corners may come in any order."""
        self.poly([(x0, y0), (x1, y0), (x1, y1), (x0, y1)], colour, opacity)

    def line(self, points: Sequence[Point], colour: RGB, width: float) -> None:
        """A stroke of `width` in units of the picture's side."""
        s = self._side
        path = [(x * s, y * s) for x, y in points]
        thick = max(1, round(width * s))
        self._draw.line(path, fill=_ink(colour, 1.0), width=thick)
        self._mark.line(path, fill=self.part, width=thick)

    def gradient(self, y0: float, y1: float, colours: Sequence[RGB]) -> None:
        """A vertical run of colours over the whole width between y0 and y1."""
        s = self._side
        top, rows = round(y0 * s), max(1, round(y1 * s) - round(y0 * s))
        stops = np.linspace(0, 1, len(colours))
        where = np.linspace(0, 1, rows)
        bands = [np.interp(where, stops, [c[k] for c in colours]) for k in range(3)]
        column = np.stack(bands, axis=-1)[:, None].clip(0, 255).round().astype(np.uint8)
        self.image.paste(Image.fromarray(column).resize((s, rows)), (0, top))
        self._mark.rectangle((0, top, s, top + rows), fill=self.part)


def _ink(colour: RGB, opacity: float) -> tuple[int, int, int, int]:
    return (*colour, round(255 * opacity))


class Ridge:
    """The upper edge of a piece of land: a height over x, made of a few waves.

    `base` is the mean height in the picture (0 top, 1 bottom), `swing` the largest deviation,
    `waves` about how many fit across.
    """

    def __init__(self, rng: np.random.Generator, base: float, swing: float, waves: float) -> None:
        self.x = np.linspace(-0.02, 1.02, 49)
        y = np.zeros_like(self.x)
        for k, weight in ((1.0, 0.62), (2.1, 0.26), (3.7, 0.12)):
            phase = rng.uniform(0, 2 * np.pi)
            y += weight * np.sin(2 * np.pi * waves * k * self.x + phase)
        self.y = base + swing * y

    def at(self, x: float) -> float:
        """The height at x."""
        return float(np.interp(x, self.x, self.y))

    def points(self, bottom: float = 1.02) -> list[Point]:
        """The land below the ridge, as a polygon."""
        top = list(zip(self.x.tolist(), self.y.tolist(), strict=True))
        return [*top, (1.02, bottom), (-0.02, bottom)]
