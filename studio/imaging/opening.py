"""Open pictures and masks: upright, in sRGB, 8 bits a channel, or refused in one sentence."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

import numpy as np
from PIL import Image

from studio.core.errors import BadInput, CannotOpen
from studio.core.geometry import Size
from studio.core.original import Original
from studio.core.picture import Mask, Picture, Pixels
from studio.imaging.colour import profile_name, to_srgb
from studio.imaging.decoding import Decoded, decode
from studio.imaging.files import DAMAGE, damaged, quiet, reading
from studio.imaging.native import Native

MAX_PIXELS = 100_000_000


@dataclass(frozen=True)
class Opened:
    """A picture and what a person should know of how it was read, each in a few words.

    `damage` is a sentence about what is missing, "" if the file is whole. `original` is there
    for files only.
    """

    picture: Picture
    notes: tuple[str, ...] = ()
    damage: str = ""
    original: Original | None = None


def open_picture(path: Path, max_pixels: int = MAX_PIXELS, quick: bool = False) -> Opened:
    """Raises CannotOpen. A picture above `max_pixels` is refused from its header alone.

    `quick` as for `decode`.
    """
    with reading(path) as stream:
        found = _decoded(stream, path.name, max_pixels, quick)
    native = found.native
    original = Original(
        path.absolute(),
        found.form,
        native.mode,
        native.depth,
        profile_name(native.profile) or ("unnamed" if native.profile else ""),
        found.quality,
        found.sampling,
    )
    return _opened(found, path.name, original)


def open_native(path: Path, max_pixels: int = MAX_PIXELS) -> Native:
    """The same file with all its depth, in its own colours. Raises CannotOpen."""
    with reading(path) as stream:
        return _decoded(stream, path.name, max_pixels).native


def open_mask(path: Path, size: Size | None = None, max_pixels: int = MAX_PIXELS) -> Mask:
    """Any picture as a mask: how bright it is, colour profiles left out.

    A picture of one colour on transparency is a mask by its transparency. Raises CannotOpen, or
    BadInput if `size` is given and the mask has another.
    """
    with reading(path) as stream:
        native = _decoded(stream, path.name, max_pixels).native
    mask = Mask(_grey(to_srgb(replace(native, profile=b""))))
    if size is not None and mask.size != size:
        raise BadInput(
            f"The mask {path.name} is {mask.size} and the picture {size}.",
            "Use a mask of the picture's size.",
        )
    return mask


def _opened(found: Decoded, name: str, original: Original | None = None) -> Opened:
    pixels = to_srgb(found.native)
    pixels.flags.writeable = False  # nobody else has them, so they need not be copied
    return Opened(Picture(pixels), (*found.notes, *_told(found)), _damage(found, name), original)


def _decoded(stream: BinaryIO, name: str, max_pixels: int, quick: bool = False) -> Decoded:
    try:
        with quiet():
            return decode(stream, name, lambda size: _allow(size, name, max_pixels), quick)
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
            f"{name} is {size}, {size.area / 1e6:,.0f} million pixels;"
            f" at most {max_pixels / 1e6:g} million are opened.",
            "Scale it down first, or raise the limit in the preferences.",
        )


def _told(found: Decoded) -> list[str]:
    native = found.native
    told = []
    if native.depth > 8:
        kind = "floating point" if native.depth == 32 else f"{native.depth} bits a channel"
        told.append(f"{kind}, shown in 8")
    if native.mode in ("CMYK", "LAB"):
        told.append(f"converted from {native.mode}")
    return told


def _damage(found: Decoded, name: str) -> str:
    if found.missing is None:
        return ""
    percent = round(100 * found.missing)
    if percent < 1:
        return f"{name} is damaged: some of it may be missing or wrong."
    return f"{name} is damaged: about {percent} % of it is missing."


def _grey(pixels: Pixels) -> Pixels:
    if pixels.shape[2] == 3:
        return np.asarray(Image.fromarray(pixels).convert("L"))
    alpha = pixels[..., 3]
    seen = pixels[..., :3][alpha > 0]
    if not seen.size or (seen == seen[0]).all():
        return alpha.copy()
    grey = np.asarray(Image.fromarray(pixels).convert("RGB").convert("L"))
    return ((grey.astype(np.uint16) * alpha + 127) // 255).astype(np.uint8)
