"""Six pictures with something in them to be taken out, drawn, since photographs are not ours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QColor, QFont, QImage, QPainter

WIDTH, HEIGHT = 480, 320
Array = npt.NDArray[np.float64]
Bytes = npt.NDArray[np.uint8]
Y, X = np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.float64)


@dataclass(frozen=True)
class Scene:
    """`pixels` [320, 480, 3] and what is painted over [320, 480], 0 or 255."""

    title: str
    pixels: Bytes
    mask: Bytes
    taken_from: Bytes | None = None


def scenes() -> list[Scene]:
    return [_wall(), _meadow(), _boards(), _sky(), _sea(), _facade()]


def _noise(seed: int, power: float, across: float = 1.0, down: float = 1.0) -> Array:
    """[320, 480] of deviation 1; the larger `power`, the smoother."""
    chance = np.random.default_rng(seed)
    radius = np.hypot(
        np.fft.fftfreq(HEIGHT)[:, None] * down * 320, np.fft.fftfreq(WIDTH) * across * 320
    )
    radius[0, 0] = 1
    spectrum = np.fft.fft2(chance.standard_normal((HEIGHT, WIDTH))) / radius**power
    field = np.fft.ifft2(spectrum).real
    return np.asarray((field - field.mean()) / field.std())


def _scene(title: str, picture: Array, thing: Array, inside: Array, grow: int = 4) -> Scene:
    """`thing` lies over the picture as far as `inside` says, 0…1."""
    share = inside.clip(0, 1)[..., None]
    pixels = (picture * (1 - share) + thing * share).clip(0, 255).astype(np.uint8)
    covered = (inside > 0.02).astype(np.uint8) * 255
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * grow + 1, 2 * grow + 1))
    return Scene(title, pixels, cv2.dilate(covered, kernel))


def _shape(draw: str, *points: tuple[int, int], thick: int = -1) -> Array:
    """A smooth mask, 0…1, of a polygon or of lines."""
    canvas = np.zeros((HEIGHT, WIDTH), np.uint8)
    if draw == "polygon":
        cv2.fillPoly(canvas, [np.array(points, np.int32)], 255, cv2.LINE_AA)
    else:
        cv2.polylines(canvas, [np.array(points, np.int32)], False, 255, thick, cv2.LINE_AA)
    return canvas / 255.0


def _disc(x: float, y: float, radius: float) -> Array:
    return np.asarray((radius + 0.5 - np.hypot(X - x, Y - y)).clip(0, 1))


def _flat(*color: float) -> Array:
    return np.broadcast_to(np.array(color, np.float64), (HEIGHT, WIDTH, 3)).copy()


def _wall() -> Scene:
    row = (Y // 20).astype(int)
    shifted = X + row % 2 * 24
    joint = (Y % 20 < 3) | (shifted % 48 < 3)
    tones = np.random.default_rng(1).normal(0, 14, (HEIGHT, WIDTH))[
        row, (shifted // 48).astype(int)
    ]
    brick = _flat(158, 82, 62) + (tones + 5 * _noise(2, 0.5))[..., None]
    wall = np.where(joint[..., None], _flat(186, 176, 164), brick)
    wall += (5 * _noise(3, 0.4) - (X - 240) * 0.07)[..., None]
    sign = _flat(238, 238, 232).astype(np.uint8)
    cv2.putText(sign, "TO LET", (178, 172), cv2.FONT_HERSHEY_DUPLEX, 1.1, (40, 40, 60), 2, 16)
    return _scene(
        "a sign on a wall",
        wall,
        sign.astype(float),
        _shape("polygon", (160, 120), (310, 124), (308, 200), (162, 196)),
    )


def _meadow() -> Scene:
    blades = 20 * _noise(4, 0.75, 1.0, 0.35) + 8 * _noise(5, 0.2)
    grass = _flat(84, 132, 54) + blades[..., None] * np.array([0.9, 1.0, 0.5])
    grass += ((Y - 160) * 0.12)[..., None]
    light = np.hypot(X - 268, Y - 150) / 62
    ball = _flat(214, 58, 46) * (1.15 - 0.75 * light[..., None].clip(0, 1))
    return _scene("a ball in the grass", grass, ball, _disc(285, 172, 48))


def _boards() -> Scene:
    board = (Y // 64).astype(int)
    offset = np.array([0.0, 90, 40, 130, 70])[board]
    rings = np.sin(Y / 3.2 + 2.6 * _noise(6, 1.5, 0.25, 3) + offset)
    wood = _flat(176, 124, 78) + (14 * rings + 5 * _noise(7, 0.5, 0.3, 2))[..., None]
    wood += np.array([0, 10, -6, 7, -3])[board][..., None]
    wood[(Y % 64 < 2)] *= 0.45
    ring = np.hypot(X - 230, Y - 160)
    stain = (1 - np.abs(ring - 52) / 8).clip(0, 1) * 0.75
    return _scene("a stain on boards", wood, wood * 0.4, stain, 3)


def _sky() -> Scene:
    sky = _flat(96, 150, 214) + ((Y - 40) * 0.28)[..., None] * np.array([1.0, 0.7, 0.35])
    clouds = (_noise(8, 1.7) * 0.6 + 0.2).clip(0, 1)[..., None]
    sky = sky * (1 - clouds) + _flat(246, 246, 248) * clouds + _noise(9, 0.1)[..., None] * 1.5
    wires = np.maximum(
        _shape("lines", (0, 60), (160, 104), (320, 128), (480, 134), thick=3),
        _shape("lines", (0, 120), (160, 158), (320, 176), (480, 178), thick=3),
    )
    wires = np.maximum(wires, _shape("polygon", (330, 0), (346, 0), (350, 320), (326, 320)))
    return _scene("wires before the sky", sky, _flat(44, 42, 48), wires, 3)


def _sea() -> Scene:
    sky = _flat(242, 200, 150) - ((150 - Y) * 0.5)[..., None] * np.array([0.6, 0.3, -0.25])
    waves = 16 * _noise(10, 0.9, 0.35, 2.2) * (0.3 + (Y - 150).clip(0, 170) / 170)
    sea = _flat(52, 96, 118) + waves[..., None] - ((Y - 150) * 0.12)[..., None]
    scene = np.where((Y < 150)[..., None], sky, sea) + _noise(11, 0.1)[..., None] * 1.5
    boat = np.maximum(
        _shape("polygon", (170, 150), (286, 150), (266, 176), (188, 176)),
        _shape("polygon", (226, 146), (226, 60), (272, 144)),
    )
    made = _scene("a boat on the horizon", scene, _flat(238, 234, 226), boat, 5)
    chosen = (_shape("polygon", (296, 0), (480, 0), (480, 320), (300, 320)) * 255).astype(np.uint8)
    return replace(made, taken_from=chosen)


def _facade() -> Scene:
    plaster = _flat(214, 190, 150) + (4 * _noise(12, 0.5) + 3 * _noise(13, 1.5))[..., None]
    x, y = X % 80, Y % 106
    frame = (x > 20) & (x < 60) & (y > 24) & (y < 88)
    glass = (x > 24) & (x < 56) & (y > 28) & (y < 84) & (np.abs(x - 40) > 2) & (np.abs(y - 52) > 2)
    house = np.where(frame[..., None], _flat(244, 240, 232), plaster)
    house = np.where(glass[..., None], _flat(60, 74, 92) + (84 - y)[..., None] * 0.7, house)
    post = np.maximum(
        _shape("polygon", (228, 60), (240, 60), (246, 320), (222, 320)), _disc(234, 52, 24)
    )
    return _scene("a lamp before a house", house, _flat(40, 46, 44), post, 4)


GAP, WORDS = 12, 26


def before_and_after(pairs: Sequence[tuple[str, QImage, QImage]]) -> QImage:
    """Two pairs in a row, each with its title."""
    rows = (len(pairs) + 1) // 2
    sheet = QImage(
        4 * WIDTH + 2 * GAP + 3 * GAP,
        rows * (HEIGHT + WORDS + GAP) + GAP,
        QImage.Format.Format_RGB32,
    )
    sheet.fill(QColor("#1e1f22"))
    painter = QPainter(sheet)
    font = QFont()
    font.setPixelSize(16)
    painter.setFont(font)
    painter.setPen(QColor("#c8cad0"))
    for number, (title, before, after) in enumerate(pairs):
        left = GAP + number % 2 * (2 * WIDTH + 2 * GAP)
        top = GAP + number // 2 * (HEIGHT + WORDS + GAP)
        painter.drawText(
            QRect(left, top, 2 * WIDTH, WORDS - 4),
            Qt.AlignmentFlag.AlignVCenter,
            f"Without {title}",
        )
        painter.drawImage(left, top + WORDS, before)
        painter.drawImage(left + WIDTH + GAP // 2, top + WORDS, after)
    painter.end()
    return sheet
