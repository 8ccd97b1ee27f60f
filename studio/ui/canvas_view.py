"""Where the picture lies on the screen: zoom and place, without Qt."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Self

from studio.core.geometry import Margins, Size
from studio.core.recipe import NO_MARGINS

MIN_ZOOM = 0.01
MAX_ZOOM = 32.0
KEPT = 48.0
"""Device pixels of the picture that always stay in sight."""


@dataclass(frozen=True)
class View:
    """`zoom`: device pixels for one pixel of the picture. (`x`, `y`): where, in device pixels of
    the widget, the picture's top left corner is."""

    zoom: float = 1.0
    x: float = 0.0
    y: float = 0.0

    def to_picture(self, x: float, y: float) -> tuple[float, float]:
        return (x - self.x) / self.zoom, (y - self.y) / self.zoom

    def to_screen(self, x: float, y: float) -> tuple[float, float]:
        return x * self.zoom + self.x, y * self.zoom + self.y

    def moved(self, dx: float, dy: float) -> Self:
        return replace(self, x=self.x + dx, y=self.y + dy)

    def zoomed(self, zoom: float, x: float, y: float) -> Self:
        """At another zoom, within the limits, with the place under (x, y) staying there."""
        zoom = min(MAX_ZOOM, max(MIN_ZOOM, zoom))
        part = zoom / self.zoom
        return replace(self, zoom=zoom, x=x - (x - self.x) * part, y=y - (y - self.y) * part)

    def snapped(self) -> Self:
        """With the picture's corner on a device pixel, so that 100 % is crisp."""
        return replace(self, x=float(math.floor(self.x + 0.5)), y=float(math.floor(self.y + 0.5)))

    def kept(self, size: Size, viewport: Size) -> Self:
        """Moved just so far that some of a picture of `size` stays inside the viewport."""
        width, height = size.width * self.zoom, size.height * self.zoom
        return replace(
            self,
            x=_within(self.x, min(KEPT, width) - width, viewport.width - min(KEPT, width)),
            y=_within(self.y, min(KEPT, height) - height, viewport.height - min(KEPT, height)),
        )

    def place(
        self, size: Size, frame: Size, reach: Margins = NO_MARGINS
    ) -> tuple[float, float, float, float]:
        """Where to show a picture of `size` in the place of one of `frame`: x, y, width, height.

        It keeps its own shape, and reaches beyond the frame by margins in the frame's pixels.
        """
        around = reach.around(frame)
        scale = min(around.width / size.width, around.height / size.height) * self.zoom
        # a preview's sides are rounded: a sliver of difference is not another shape
        width, height = size.width * scale, size.height * scale
        room_x, room_y = around.width * self.zoom, around.height * self.zoom
        if abs(room_x - width) <= scale and abs(room_y - height) <= scale:
            width, height = room_x, room_y
        x, y = self.to_screen(-reach.left, -reach.top)
        return x + (room_x - width) / 2, y + (room_y - height) / 2, width, height

    @classmethod
    def fitted(cls, size: Size, viewport: Size, margin: float, room: Margins = NO_MARGINS) -> Self:
        """All of a picture of `size` in the middle, `margin` device pixels from the nearest edge.

        `room`: what to leave around it as well. Not limited in zoom: the smallest pictures fill
        the viewport too.
        """
        around = room.around(size)
        zoom = min(
            max(1.0, viewport.width - 2 * margin) / around.width,
            max(1.0, viewport.height - 2 * margin) / around.height,
        )
        view = cls.centered(around, viewport, zoom)
        return view.moved(room.left * zoom, room.top * zoom).snapped()

    @classmethod
    def centered(cls, size: Size, viewport: Size, zoom: float) -> Self:
        """The picture in the middle of the viewport."""
        return cls(
            zoom,
            (viewport.width - size.width * zoom) / 2,
            (viewport.height - size.height * zoom) / 2,
        ).snapped()


def _within(value: float, low: float, high: float) -> float:
    return min(max(value, min(low, high)), max(low, high))


def percent(zoom: float) -> str:
    """The zoom in words: "0.5 %", "33.3 %", "3200 %"."""
    return f"{zoom * 100:.0f} %" if zoom >= 1 else f"{zoom * 100:.3g} %"
