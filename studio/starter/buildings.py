"""The one building of a scene, large enough to be the subject of the poster.

Each function draws with its foot's middle at (x, y) and is `h` high; light falls from the left.
"""

from __future__ import annotations

from collections.abc import Callable

from studio.starter.palette import CHARCOAL, CREAM, LAMP, RGB, Hour, lit, mix, rgb
from studio.starter.pen import Pen

_ROOF = rgb("5A4250")
_BAND = rgb("C9CBD3")


class _Paint:
    """A building's colours under the hour's light."""

    def __init__(self, colour: RGB, hour: Hour, dark: bool) -> None:
        self.wall = lit(colour, hour.things)
        self.shade = lit(mix(colour, (30, 20, 60), 0.28), hour.things)
        self.deep = lit(mix(colour, (30, 20, 60), 0.45), hour.things)
        self.roof = lit(_ROOF, hour.things)
        self.roof_shade = lit(mix(_ROOF, (20, 10, 40), 0.3), hour.things)
        self.trim = lit(CREAM, hour.things)
        self.trim_shade = lit(mix(CREAM, (60, 50, 90), 0.22), hour.things)
        self.band = lit(_BAND if colour[2] > 200 and colour[0] > 200 else CREAM, hour.things)
        self.band_shade = mix(self.band, (60, 50, 90), 0.22)
        self.dark = lit(CHARCOAL, hour.things)
        self.window = LAMP if dark else lit(CHARCOAL, hour.things)
        self.lamp = LAMP


def _house(pen: Pen, p: _Paint, x: float, y: float, h: float) -> None:
    w = h * 0.62
    eave, gable = y - h * 0.55, y - h
    left, mid, right = x - w, x - w * 0.05, x + w
    pen.rect(x + w * 0.45, y - h * 1.03, x + w * 0.66, y - h * 0.7, p.deep)  # chimney
    pen.rect(mid, eave, right, y, p.shade)
    peak = (left + mid) / 2
    pen.poly([(left, y), (left, eave), (peak, gable), (mid, eave), (mid, y)], p.wall)
    slope = [(peak, gable), (x + w * 0.62, gable), (right + h * 0.05, eave + h * 0.03)]
    pen.poly([*slope, (mid + h * 0.03, eave + h * 0.04)], p.roof)
    edge = [(left - h * 0.05, eave + h * 0.05), (peak, gable - h * 0.02), (peak, gable + h * 0.07)]
    pen.poly([*edge, (left - h * 0.02, eave + h * 0.1)], p.roof_shade)
    pen.rect(peak - h * 0.09, y - h * 0.3, peak + h * 0.09, y, p.dark)  # door
    pen.rect(peak - h * 0.07, y - h * 0.62, peak + h * 0.07, y - h * 0.48, p.window)
    for k in (0.3, 0.7):
        cx = mid + (right - mid) * k
        pen.rect(cx - h * 0.09, y - h * 0.4, cx + h * 0.09, y - h * 0.18, p.trim)
        pen.rect(cx - h * 0.07, y - h * 0.38, cx + h * 0.07, y - h * 0.2, p.window)


def _lighthouse(pen: Pen, p: _Paint, x: float, y: float, h: float) -> None:
    foot, neck, top = h * 0.17, h * 0.105, y - h * 0.72

    def half(v: float) -> float:
        return foot + (neck - foot) * v

    def ring(v0: float, v1: float, wall: RGB, shade: RGB) -> None:
        y0, y1 = y + (top - y) * v0, y + (top - y) * v1
        a, b = half(v0), half(v1)
        pen.poly([(x - a, y0), (x - b, y1), (x + b, y1), (x + a, y0)], wall)
        pen.poly([(x + a * 0.25, y0), (x + b * 0.25, y1), (x + b, y1), (x + a, y0)], shade)

    ring(0, 1, p.wall, p.shade)
    ring(0.22, 0.40, p.band, p.band_shade)
    ring(0.64, 0.80, p.band, p.band_shade)
    pen.rect(x - foot * 0.25, y - h * 0.12, x + foot * 0.25, y, p.dark)
    pen.rect(x - neck * 1.45, top - h * 0.03, x + neck * 1.45, top + h * 0.015, p.dark)
    pen.rect(x - neck * 0.85, top - h * 0.15, x + neck * 0.85, top - h * 0.03, p.lamp)
    pen.rect(x - neck * 0.12, top - h * 0.15, x + neck * 0.12, top - h * 0.03, p.dark)
    cap = top - h * 0.15
    pen.poly([(x - neck * 1.15, cap), (x, y - h), (x + neck * 1.15, cap)], p.wall)
    pen.poly([(x + neck * 0.2, cap), (x, y - h), (x + neck * 1.15, cap)], p.shade)


def _windmill(pen: Pen, p: _Paint, x: float, y: float, h: float) -> None:
    foot, neck, top = h * 0.24, h * 0.14, y - h * 0.66
    pen.poly([(x - foot, y), (x - neck, top), (x + neck, top), (x + foot, y)], p.wall)
    pen.poly([(x + foot * 0.2, y), (x + neck * 0.2, top), (x + neck, top), (x + foot, y)], p.shade)
    pen.disc(x, top, neck * 1.12, h * 0.13, p.roof)
    pen.rect(x - neck * 1.2, top, x + neck * 1.2, top + h * 0.035, p.roof_shade)
    pen.rect(x - h * 0.06, y - h * 0.2, x + h * 0.06, y, p.dark)
    pen.rect(x - h * 0.05, y - h * 0.42, x + h * 0.05, y - h * 0.31, p.window)
    cx, cy, arm = x, top - h * 0.02, h * 0.40
    for dx, dy in ((0.82, 0.57), (-0.57, 0.82), (-0.82, -0.57), (0.57, -0.82)):
        nx, ny = -dy, dx  # across the arm
        a, b = 0.22, 1.0
        sail = [
            (cx + arm * dx * a, cy + arm * dy * a),
            (cx + arm * dx * b, cy + arm * dy * b),
            (cx + arm * (dx * b + nx * 0.24), cy + arm * (dy * b + ny * 0.24)),
            (cx + arm * (dx * a + nx * 0.24), cy + arm * (dy * a + ny * 0.24)),
        ]
        pen.poly(sail, p.trim)
        pen.line([(cx, cy), (cx + arm * dx, cy + arm * dy)], p.dark, h * 0.03)
    pen.disc(cx, cy, h * 0.035, h * 0.035, p.dark)


def _castle(pen: Pen, p: _Paint, x: float, y: float, h: float) -> None:
    def crenels(x0: float, x1: float, top: float, colour: RGB) -> None:
        n = 5
        step = (x1 - x0) / n
        for i in range(0, n, 2):
            pen.rect(x0 + i * step, top - h * 0.06, x0 + (i + 1) * step, top + 0.001, colour)

    def tower(cx: float, half: float, top: float, peak: float) -> None:
        pen.rect(cx - half, top, cx + half, y, p.wall)
        pen.rect(cx + half * 0.25, top, cx + half, y, p.shade)
        pen.poly([(cx - half * 1.3, top), (cx, peak), (cx + half * 1.3, top)], p.roof)
        pen.poly([(cx + half * 0.2, top), (cx, peak), (cx + half * 1.3, top)], p.roof_shade)
        pen.rect(cx - half * 0.3, top + h * 0.07, cx + half * 0.2, top + h * 0.17, p.window)

    keep = h * 0.2
    pen.rect(x - keep, y - h * 0.72, x + keep, y, p.shade)
    crenels(x - keep, x + keep, y - h * 0.72, p.shade)
    pen.line([(x, y - h * 0.74), (x, y - h)], p.dark, h * 0.022)
    pen.poly([(x, y - h), (x + h * 0.16, y - h * 0.95), (x, y - h * 0.89)], p.wall)
    pen.rect(x - h * 0.44, y - h * 0.38, x + h * 0.44, y, p.wall)
    crenels(x - h * 0.44, x + h * 0.44, y - h * 0.38, p.wall)
    tower(x - h * 0.42, h * 0.12, y - h * 0.56, y - h * 0.84)
    tower(x + h * 0.42, h * 0.12, y - h * 0.56, y - h * 0.84)
    pen.rect(x - h * 0.09, y - h * 0.17, x + h * 0.09, y, p.dark)
    pen.disc(x, y - h * 0.17, h * 0.09, h * 0.08, p.dark)
    pen.rect(x - h * 0.05, y - h * 0.62, x + h * 0.05, y - h * 0.5, p.window)


def _tent(pen: Pen, p: _Paint, x: float, y: float, h: float) -> None:
    h *= 0.86
    peak, back = (x - h * 0.18, y - h * 0.94), (x + h * 0.42, y - h * 0.88)
    pen.poly([peak, back, (x + h * 0.88, y - h * 0.04), (x + h * 0.3, y)], p.shade)
    pen.poly([peak, (x + h * 0.12, y - h * 0.92), (x + h * 0.52, y), (x + h * 0.3, y)], p.deep)
    pen.poly([(x - h * 0.72, y), peak, (x + h * 0.34, y)], p.wall)
    pen.poly([(x - h * 0.36, y), (peak[0], y - h * 0.6), (x + h * 0.02, y)], p.dark)
    flap = [(peak[0], y - h * 0.6), (x - h * 0.36, y), (x - h * 0.46, y), (peak[0], y - h * 0.7)]
    pen.poly(flap, p.trim)
    pen.line([(peak[0], y - h * 0.92), (peak[0], y - h * 1.14)], p.dark, h * 0.03)
    flag = [(peak[0], y - h * 1.16), (peak[0] + h * 0.17, y - h * 1.09), (peak[0], y - h * 1.02)]
    pen.poly(flag, p.wall)


_DRAW: dict[str, tuple[Callable[[Pen, _Paint, float, float, float], None], float]] = {
    "house": (_house, 0.32),
    "lighthouse": (_lighthouse, 0.50),
    "windmill": (_windmill, 0.42),
    "castle": (_castle, 0.40),
    "tent": (_tent, 0.36),
}


def draw_building(
    pen: Pen, kind: str, colour: RGB, hour: Hour, dark: bool, x: float, y: float, scale: float
) -> None:
    """Draw it with its foot at (x, y); at `scale` 1 it is 0.32 to 0.5 of the picture high."""
    draw, height = _DRAW[kind]
    draw(pen, _Paint(colour, hour, dark), x, y, height * scale)
