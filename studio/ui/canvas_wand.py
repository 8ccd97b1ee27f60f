"""The colour wand on the canvas."""

from __future__ import annotations

import math

from studio.ui.canvas_gesture import Selecting, Touch


class Wand(Selecting):
    """One press selects; a drag means no more than that."""

    def press(self, touch: Touch) -> None:
        from studio.imaging.wand import by_color

        picture = self.document.picture
        x, y = (math.floor(along) for along in touch.at)
        if picture is None or not (0 <= x < picture.size.width and 0 <= y < picture.size.height):
            return
        self.begin(touch)
        # What is tried out on the mask changes no colours, but the mask must be the one seen.
        self.document.settle()
        self.select(by_color(picture.pixels, x, y, self.pen.tolerance, self.pen.contiguous))
