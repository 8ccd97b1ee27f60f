"""Small pictures for the history."""

from __future__ import annotations

import io

from PIL import Image

from studio.core.picture import Picture
from studio.imaging.colour import flat

LONGEST = 256


def thumbnail(picture: Picture) -> bytes:
    """A JPEG, at most 256 pixels a side, transparency on white; never enlarged."""
    # Half a megapixel is plenty to shrink from: skip rows of a photo before mixing its alpha.
    stride = max(1, min(picture.size.width, picture.size.height) // (4 * LONGEST))
    image = Image.fromarray(flat(Picture(picture.pixels[::stride, ::stride])).pixels)
    image.thumbnail((LONGEST, LONGEST), Image.Resampling.LANCZOS)
    out = io.BytesIO()
    image.save(out, "JPEG", quality=88, subsampling=0)
    return out.getvalue()
