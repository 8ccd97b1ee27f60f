"""Integer geometry. x grows to the right, y downwards; boxes are half-open."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True, order=True)
class Size:
    """Width and height in pixels (or latent cells)."""

    width: int
    height: int

    @property
    def area(self) -> int:
        return self.width * self.height

    @property
    def empty(self) -> bool:
        return self.width <= 0 or self.height <= 0

    def __str__(self) -> str:
        return f"{self.width}x{self.height}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read "640x480" (also with × or *). Raises ValueError for anything else."""
        width, height = text.lower().replace("×", "x").replace("*", "x").split("x")
        return cls(int(width), int(height))


@dataclass(frozen=True)
class Box:
    """The pixels x ≤ column < x + width, y ≤ row < y + height. May be empty."""

    x: int
    y: int
    width: int
    height: int

    @classmethod
    def of(cls, size: Size) -> Self:
        return cls(0, 0, size.width, size.height)

    @classmethod
    def between(cls, left: int, top: int, right: int, bottom: int) -> Self:
        return cls(left, top, max(0, right - left), max(0, bottom - top))

    @property
    def right(self) -> int:
        return self.x + self.width

    @property
    def bottom(self) -> int:
        return self.y + self.height

    @property
    def size(self) -> Size:
        return Size(self.width, self.height)

    @property
    def empty(self) -> bool:
        return self.width <= 0 or self.height <= 0

    @property
    def rows(self) -> slice:
        return slice(self.y, self.bottom)

    @property
    def columns(self) -> slice:
        return slice(self.x, self.right)

    def intersect(self, other: Box) -> Box:
        return Box.between(
            max(self.x, other.x),
            max(self.y, other.y),
            min(self.right, other.right),
            min(self.bottom, other.bottom),
        )

    def union(self, other: Box) -> Box:
        """The smallest box around both; an empty box adds nothing."""
        if self.empty:
            return other
        if other.empty:
            return self
        return Box.between(
            min(self.x, other.x),
            min(self.y, other.y),
            max(self.right, other.right),
            max(self.bottom, other.bottom),
        )

    def grow(self, pixels: int) -> Box:
        """Moved outwards by `pixels` on every side (inwards if negative)."""
        return Box.between(
            self.x - pixels, self.y - pixels, self.right + pixels, self.bottom + pixels
        )

    def contains(self, other: Box) -> bool:
        return self.intersect(other) == other


@dataclass(frozen=True)
class Margins:
    """Pixels added on each side of a picture; none is negative."""

    left: int = 0
    top: int = 0
    right: int = 0
    bottom: int = 0

    def __bool__(self) -> bool:
        return (self.left, self.top, self.right, self.bottom) != (0, 0, 0, 0)

    def __str__(self) -> str:
        return f"{self.left},{self.top},{self.right},{self.bottom}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read "64,0,64,0": left, top, right, bottom. Raises ValueError for anything else."""
        left, top, right, bottom = (int(part) for part in text.split(","))
        if min(left, top, right, bottom) < 0:
            raise ValueError(f"{text} has a side below 0")
        return cls(left, top, right, bottom)

    def around(self, size: Size) -> Size:
        """A picture of `size` with these margins."""
        return Size(self.left + size.width + self.right, self.top + size.height + self.bottom)

    def inner(self, size: Size) -> Box:
        """Where the picture of `size` lies within that."""
        return Box(self.left, self.top, size.width, size.height)
