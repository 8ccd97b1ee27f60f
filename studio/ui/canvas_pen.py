"""The painting tools: which one is in hand, its settings, and the stroke under way."""

from __future__ import annotations

from enum import Enum

from PySide6.QtCore import QObject, Signal

from studio.imaging.brush import MAX_RADIUS, MIN_RADIUS, Brush
from studio.session.document import Document

MIN_SIZE, MAX_SIZE = 2 * MIN_RADIUS, 2 * MAX_RADIUS
_STEP = 1.15
_RELATIVE_SIZE = 0.12
"""Diameter of the first brush, as a part of the picture's longer side."""


class Tool(Enum):
    BRUSH = "brush"
    ERASER = "eraser"
    HAND = "hand"


class Pen(QObject):
    """Sizes are diameters in pixels of the picture; hardness and opacity 0..1.

    The brush keeps its size relative to the picture, so that it is of use on the next one too.
    """

    changed = Signal()
    """The tool or one of its settings."""

    def __init__(self, document: Document, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.document = document
        self._tool = Tool.BRUSH
        self._size = 24.0
        self._hardness = 0.8
        self._opacity = 1.0
        self._side = 0
        self._last: tuple[float, float] | None = None
        self.measure()

    @property
    def tool(self) -> Tool:
        return self._tool

    @tool.setter
    def tool(self, tool: Tool) -> None:
        if tool is not self._tool:
            self._tool = tool
            self.changed.emit()

    @property
    def size(self) -> float:
        return self._size

    @size.setter
    def size(self, size: float) -> None:
        size = min(MAX_SIZE, max(MIN_SIZE, size))
        if size != self._size:
            self._size = size
            self.changed.emit()

    @property
    def hardness(self) -> float:
        return self._hardness

    @hardness.setter
    def hardness(self, hardness: float) -> None:
        hardness = min(1.0, max(0.0, hardness))
        if hardness != self._hardness:
            self._hardness = hardness
            self.changed.emit()

    @property
    def opacity(self) -> float:
        return self._opacity

    @opacity.setter
    def opacity(self, opacity: float) -> None:
        opacity = min(1.0, max(0.0, opacity))
        if opacity != self._opacity:
            self._opacity = opacity
            self.changed.emit()

    @property
    def paints(self) -> bool:
        """Whether pressing on the canvas now would paint or erase."""
        return self._tool is not Tool.HAND and self.document.picture is not None

    @property
    def brush(self) -> Brush:
        """What the tool in hand paints with."""
        erase = self._tool is Tool.ERASER
        return Brush(self._size / 2, self._hardness, self._opacity, erase)

    @property
    def painting(self) -> bool:
        return self.document.painting

    @property
    def last(self) -> tuple[float, float] | None:
        """Where the last stroke on this picture ended, in pixels of the picture."""
        return self._last

    def resize(self, notches: float) -> None:
        """Larger by some notches of the wheel, smaller if negative; by a pixel at least."""
        size = self._size * _STEP**notches
        if abs(notches) >= 1:
            size = max(size, self._size + 1) if notches > 0 else min(size, self._size - 1)
        self.size = size

    def swap(self) -> None:
        """Erase instead of painting, or the other way round."""
        self.tool = Tool.BRUSH if self._tool is Tool.ERASER else Tool.ERASER

    def measure(self) -> None:
        """The picture may be another one: fit the brush to it."""
        picture = self.document.picture
        if picture is None:
            return
        side = max(picture.size.width, picture.size.height)
        if side == self._side:
            return
        self._last = None
        if self._side:
            self.size = self._size * side / self._side
        else:
            self.size = side * _RELATIVE_SIZE
        self._side = side

    def press(self, x: float, y: float, pressure: float = 1.0, *, line: bool = False) -> None:
        """Begin a stroke; with `line`, as a straight line from the end of the last one."""
        self.document.begin_stroke(self.brush)
        if line and self._last is not None:
            self.document.stroke_to(*self._last, pressure)
        self.move(x, y, pressure)

    def move(self, x: float, y: float, pressure: float = 1.0) -> None:
        if self.painting:
            self.document.stroke_to(x, y, pressure)
            self._last = (x, y)

    def release(self) -> None:
        self.document.end_stroke()
