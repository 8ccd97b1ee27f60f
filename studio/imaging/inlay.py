"""What a masked run looks like while it runs: its small x̂0 seen inside the picture."""

from __future__ import annotations

import numpy as np

from studio.core.events import Plan
from studio.core.geometry import Box, Size
from studio.core.picture import Mask, Picture, Pixels

LARGEST = 768
"""The longer side of a composed preview: enough for the screen, cheap enough for every step."""


class Inlay:
    """Composes previews of one masked run. The picture is scaled down once, at the start."""

    def __init__(self, source: Picture, mask: Mask, plan: Plan) -> None:
        scale = min(1.0, LARGEST / max(source.size.width, source.size.height))
        size = Size(
            max(1, round(source.size.width * scale)), max(1, round(source.size.height * scale))
        )
        self.size = size
        """Of what is composed; `box` is the model's part of it."""
        across, down = size.width / source.size.width, size.height / source.size.height
        box = plan.box
        self.box = Box.between(
            round(box.x * across),
            round(box.y * down),
            max(round(box.x * across) + 1, round(box.right * across)),
            max(round(box.y * down) + 1, round(box.bottom * down)),
        ).intersect(Box.of(size))
        self._base = _scaled(source.pixels[..., :3], size)
        cover = _scaled(mask.pixels, size)[self.box.rows, self.box.columns]
        self._cover = cover[..., None].astype(np.float32) / 255.0

    def compose(self, preview: Picture, whole: bool = False) -> Picture:
        """The picture, small, with `preview` shown where it will be filled.

        `whole`: all of the part that the model sees is shown, not only what it fills.
        """
        fill = _scaled(preview.pixels[..., :3], self.box.size)
        pixels = self._base.copy()
        part = pixels[self.box.rows, self.box.columns]
        if whole:
            part[:] = fill
        else:
            part[:] = np.rint(part + (fill.astype(np.float32) - part) * self._cover)
        return Picture(pixels)


def _scaled(pixels: Pixels, size: Size) -> Pixels:
    if (pixels.shape[1], pixels.shape[0]) == (size.width, size.height):
        return np.ascontiguousarray(pixels)
    # Imported late: nothing of this is needed before the first masked run.
    from PIL import Image

    # Every n-th pixel first: filtering all of a large photo would hold up the window.
    skip = max(1, min(pixels.shape[1] // size.width, pixels.shape[0] // size.height) // 2)
    image = Image.fromarray(np.ascontiguousarray(pixels[::skip, ::skip]))
    return np.asarray(image.resize((size.width, size.height), Image.Resampling.BILINEAR))
