"""Open pictures and masks: upright, in sRGB, 8 bits a channel, or refused in one sentence."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
from PIL import Image, ImageFile

from studio.core.errors import BadInput, CannotOpen
from studio.core.geometry import Size
from studio.core.picture import Mask, Picture, Pixels
from studio.imaging.colour import DEEP_MODES, to_srgb
from studio.imaging.deep import read_deep_tiff
from studio.imaging.files import DAMAGE, damaged, header, in_memory, quiet, reading

MAX_PIXELS = 100_000_000
ORIENTATION = 0x0112
TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""What makes a picture with this EXIF orientation upright."""


@dataclass(frozen=True)
class Opened:
    """A picture and what a person should know of how it was read, each in a few words."""

    picture: Picture
    notes: tuple[str, ...] = ()


def open_picture(path: Path, max_pixels: int = MAX_PIXELS) -> Opened:
    """Raises CannotOpen. A picture above `max_pixels` is refused from its header alone."""
    with reading(path) as stream:
        return _opened(stream, path.name, max_pixels)


def decode_picture(data: bytes, name: str = "The picture", max_pixels: int = MAX_PIXELS) -> Opened:
    """The same for a file's bytes, as the clipboard and dropped pictures give them."""
    return _opened(in_memory(data), name, max_pixels)


def open_mask(path: Path, size: Size | None = None, max_pixels: int = MAX_PIXELS) -> Mask:
    """Any picture as a mask: how bright it is, colour profiles left out.

    A picture of one colour on transparency is a mask by its transparency. Raises CannotOpen, or
    BadInput if `size` is given and the mask has another.
    """
    with reading(path) as stream:
        pixels, _ = _decoded(stream, path.name, max_pixels, use_profile=False)
    mask = Mask(_grey(pixels))
    if size is not None and mask.size != size:
        raise BadInput(
            f"The mask {path.name} is {mask.size} and the picture {size}.",
            "Use a mask of the picture's size.",
        )
    return mask


def _opened(stream: BinaryIO, name: str, max_pixels: int) -> Opened:
    pixels, notes = _decoded(stream, name, max_pixels, use_profile=True)
    return Opened(Picture(pixels), notes)


def _decoded(
    stream: BinaryIO, name: str, max_pixels: int, use_profile: bool
) -> tuple[Pixels, tuple[str, ...]]:
    try:
        with quiet():
            deep = read_deep_tiff(stream, name, lambda size: _allow(size, name, max_pixels))
            if deep is not None:
                return deep, ("reduced to 8 bits a channel",)
            with header(stream, name) as image:
                _allow(Size(*image.size), name, max_pixels)
                notes = tuple(_notes(image))
                image.load()
                return to_srgb(_upright(image), use_profile), notes
    except MemoryError:
        raise CannotOpen(
            f"There is too little memory to open {name}.", "Close other programs or scale it down."
        ) from None
    except DAMAGE as error:
        raise damaged(name) from error


def _allow(size: Size, name: str, max_pixels: int) -> None:
    if size.empty:
        raise CannotOpen(f"{name} has no pixels ({size}).", "Look for another copy of it.")
    if size.area > max_pixels:
        raise CannotOpen(
            f"{name} is {size}, {size.area / 1e6:.0f} million pixels;"
            f" at most {max_pixels / 1e6:g} million are opened.",
            "Scale it down first.",
        )


def _notes(image: ImageFile.ImageFile) -> list[str]:
    notes = []
    if getattr(image, "n_frames", 1) > 1 and image.format != "MPO":
        kind = "page of a file with several" if image.format == "TIFF" else "frame"
        notes.append(f"first {kind} of an animated picture" if kind == "frame" else f"first {kind}")
    raw_mode = str(image.tile[0].args) if image.tile else ""
    if image.mode in DEEP_MODES or ";16" in raw_mode:
        notes.append("reduced to 8 bits a channel")
    if image.mode in ("CMYK", "LAB"):
        notes.append(f"converted from {image.mode}")
    return notes


def _upright(image: Image.Image) -> Image.Image:
    try:
        turn = TURNS.get(image.getexif().get(ORIENTATION, 1))
    except DAMAGE:
        return image  # broken EXIF is no reason to refuse the pixels
    if turn is None:
        return image
    turned = image.transpose(turn)
    turned.info = dict(image.info)  # palette transparency and the colour profile
    return turned


def _grey(pixels: Pixels) -> Pixels:
    if pixels.shape[2] == 3:
        return np.asarray(Image.fromarray(pixels).convert("L"))
    alpha = pixels[..., 3]
    seen = pixels[..., :3][alpha > 0]
    if not seen.size or (seen == seen[0]).all():
        return alpha.copy()
    grey = np.asarray(Image.fromarray(pixels).convert("RGB").convert("L"))
    return ((grey.astype(np.uint16) * alpha + 127) // 255).astype(np.uint8)
