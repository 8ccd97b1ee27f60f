"""What is in hand: the chosen tool and the settings of all of them, remembered between starts."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from enum import Enum
from typing import Any, ClassVar

from psygnal import SignalGroupDescriptor

from studio.core.geometry import Size
from studio.imaging.brush import MAX_RADIUS, MIN_RADIUS, Brush
from studio.imaging.region import Combine

MIN_SIZE, MAX_SIZE = 2 * MIN_RADIUS, 2 * MAX_RADIUS
MAX_FEATHER = 500
AMOUNTS = ("grow_by", "shrink_by", "feather_by", "smooth_by", "holes_up_to", "specks_up_to")
WAYS: tuple[Combine, ...] = ("replace", "add", "subtract", "intersect")
_STEP = 1.15
_RELATIVE_SIZE = 0.12
"""Diameter of the first brush, as a part of the picture's longer side."""


class Tool(Enum):
    BRUSH = "brush"
    ERASER = "eraser"
    LASSO = "lasso"
    RECTANGLE = "rectangle"
    ELLIPSE = "ellipse"
    WAND = "wand"
    HAND = "hand"


PAINTING = (Tool.BRUSH, Tool.ERASER)
SELECTING = (Tool.LASSO, Tool.RECTANGLE, Tool.ELLIPSE, Tool.WAND)


@dataclass
class Pen:
    """Every field emits `events.<field>` when it changes.

    `size` is a diameter in pixels of the picture; `hardness`, `opacity` and `veil_opacity` are
    0..1. `feather` is in pixels, for what is selected; `tolerance` 0..255 and `contiguous` are the
    wand's. `pressure_…`: what a pen's pressure changes. `veil` is the mask's colour, "#rrggbb".
    The rest are the pixels by which the mask was last grown, shrunk, ….
    """

    events: ClassVar[SignalGroupDescriptor] = SignalGroupDescriptor()

    tool: Tool = Tool.BRUSH
    size: float = 24.0
    hardness: float = 0.8
    opacity: float = 1.0
    pressure_size: bool = True
    pressure_opacity: bool = False
    combine: Combine = "add"
    feather: int = 0
    tolerance: int = 32
    contiguous: bool = True
    veil: str = "#f02878"
    veil_opacity: float = 0.5
    grow_by: int = 8
    shrink_by: int = 8
    feather_by: int = 8
    smooth_by: int = 8
    holes_up_to: int = 64
    specks_up_to: int = 16

    def __post_init__(self) -> None:
        self._side = 0
        self._cut = (0.0, 0.0)
        """The size that a picture left of the one that it was to have, and that one."""

    @property
    def brush(self) -> Brush:
        """What the tool in hand paints with."""
        return Brush(
            self.size / 2,
            self.hardness,
            self.opacity,
            self.tool is Tool.ERASER,
            self.pressure_size,
            self.pressure_opacity,
        )

    def resize(self, notches: float) -> None:
        """Larger by some notches of the wheel, smaller if negative; by a pixel at least."""
        size = self.size * _STEP**notches
        if abs(notches) >= 1:
            size = max(size, self.size + 1) if notches > 0 else min(size, self.size - 1)
        self.size = min(MAX_SIZE, max(MIN_SIZE, size))

    def swap(self) -> None:
        """Take away instead of adding, or the other way round: with the brush, and in selecting."""
        if self.tool in SELECTING:
            self.combine = "add" if self.combine == "subtract" else "subtract"
        else:
            self.tool = Tool.BRUSH if self.tool is Tool.ERASER else Tool.ERASER

    def measure(self, picture: Size) -> None:
        """The picture may be another one: the brush keeps its size relative to it."""
        side = max(picture.width, picture.height)
        if side == self._side:
            return
        left, wished = self._cut
        before = wished if self.size == left else self.size
        size = before * side / self._side if self._side else side * _RELATIVE_SIZE
        self.size = min(MAX_SIZE, max(MIN_SIZE, size))
        self._cut = self.size, size
        self._side = side

    def to_json(self) -> dict[str, Any]:
        data = {f.name: getattr(self, f.name) for f in fields(self)}
        return {**data, "tool": self.tool.value}

    def from_json(self, data: object) -> None:
        """Take over what `to_json` wrote; whatever cannot be used is left as it is."""
        if not isinstance(data, Mapping):
            return
        tools = {tool.value: tool for tool in Tool}
        for name, value in data.items():
            if name == "tool" and isinstance(value, str) and value in tools:
                self.tool = tools[value]
            elif name == "combine" and value in WAYS:
                self.combine = value
            elif name == "veil" and isinstance(value, str) and re.fullmatch("#[0-9a-f]{6}", value):
                self.veil = value
            elif name in _FLAGS and isinstance(value, bool):
                setattr(self, name, value)
            elif name in _RANGES and _is_number(value):
                low, high = _RANGES[name]
                kind = type(getattr(self, name))
                setattr(self, name, kind(min(high, max(low, value))))


_FLAGS = ("pressure_size", "pressure_opacity", "contiguous")
_RANGES: dict[str, tuple[float, float]] = {
    "size": (MIN_SIZE, MAX_SIZE),
    "hardness": (0.0, 1.0),
    "opacity": (0.01, 1.0),
    "feather": (0, MAX_FEATHER),
    "tolerance": (0, 255),
    "veil_opacity": (0.1, 1.0),
    **dict.fromkeys(AMOUNTS, (1, MAX_FEATHER)),
}


def _is_number(value: object) -> bool:
    # JSON has whole numbers that no float can hold, and Python's has NaN
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return isinstance(value, int) or math.isfinite(value)
