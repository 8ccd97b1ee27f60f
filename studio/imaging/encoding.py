"""Pictures as the bytes of a file."""

from __future__ import annotations

import io
from collections.abc import Mapping

import numpy as np
from PIL import Image

from studio.core.errors import BadInput, CannotWrite
from studio.core.original import Original
from studio.core.picture import Mask, Picture, Pixels
from studio.core.saving import SUFFIXES, Saving
from studio.imaging.colour import flat
from studio.imaging.depth import to_8_bit, to_16_bit
from studio.imaging.keeping import Kept, read_kept
from studio.imaging.merging import merged
from studio.imaging.native import Native
from studio.imaging.opening import open_native
from studio.imaging.strips import LARGE, png_chunks
from studio.imaging.writing import FORMS, Form, Page, png_info, spliced


def png_bytes(picture: Picture | Mask, texts: Mapping[str, str] | None = None) -> bytes:
    """A PNG with each text as UTF-8 (iTXt), before the pixels so that it is read at once."""
    return b"".join(png_pieces(picture, texts))


def png_pieces(picture: Picture | Mask, texts: Mapping[str, str] | None = None) -> list[bytes]:
    """The same, in pieces to be written one after the other: large ones share most of theirs with
    the picture that they are an edit of."""
    large = picture.size.area >= LARGE
    pixels = picture.pixels[:1, :1] if large else picture.pixels
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "PNG", pnginfo=png_info(texts or {}), compress_level=4)
    if not large:
        return [out.getvalue()]
    return spliced(png_chunks(picture.pixels, picture), out.getvalue())


def png_pixels(data: bytes) -> Pixels:
    """The very pixels that `png_bytes` was given, HWC or HW, with nothing converted."""
    with Image.open(io.BytesIO(data), formats=("PNG",)) as image:
        return np.asarray(image)


def form_of(suffix: str) -> Form:
    """The format of a file name's end, such as ".jpg". Raises BadInput for any other."""
    name = SUFFIXES.get(suffix.lower())
    if name is None:
        raise BadInput(
            f"Pictures cannot be saved as {suffix or 'a file without an ending'}.",
            f"Use a name that ends in {', '.join(SUFFIXES)}.",
        )
    return FORMS[name]


def encode(
    picture: Picture,
    suffix: str,
    texts: Mapping[str, str] | None = None,
    saving: Saving | None = None,
    original: Original | None = None,
) -> bytes:
    """The picture in the format of a file name's end, such as ".jpg".

    With the `original` that it is an edit of, and as far as `saving` and the format allow: in its
    colours and depth, with its own samples wherever nothing was changed, and with its metadata.
    JPEG has no transparency, so that is laid on white. Texts go into PNG's own chunks, into EXIF
    elsewhere. Raises BadInput for a format that cannot be written, CannotWrite for a picture too
    large for it, CannotOpen if the original is no longer there to be read.
    """
    form, saving = form_of(suffix), saving or Saving()
    if max(picture.size.width, picture.size.height) > form.longest:
        raise CannotWrite(
            f"{form.name} holds at most {form.longest} pixels a side; "
            f"the picture is {picture.size}.",
            "Save it as PNG.",
        )
    kept = Kept()
    if original is not None and saving.metadata != "none":
        kept = read_kept(original.path, picture.size)
    page = Page(
        as_saved(picture, form, saving, original),
        saving,
        (texts or {}) if saving.metadata == "all" else {},
        kept.exif,
        kept.xmp,
        kept.dpi,
    )
    return form.write(page)


def as_saved(
    picture: Picture, form: Form, saving: Saving, original: Original | None = None
) -> Native:
    """The samples that will be in the file. Raises CannotOpen."""
    if form.name == "JPEG":
        picture = flat(picture)
    plain = Native(picture.pixels, "RGBA" if picture.has_alpha else "RGB")
    native = None
    if original is not None and _matters(original, saving):
        before = open_native(original.path, max_pixels=2**62)
        if saving.profile == "original" or not (before.profile or before.mode in ("CMYK", "LAB")):
            native = _within(merged(picture, before), form)
    native = native or plain
    if saving.depth == "8" or form.depths == (8,):
        return Native(to_8_bit(native), native.mode, native.profile)
    if saving.depth == "16" or native.depth not in form.depths:
        return Native(to_16_bit(native), native.mode, native.profile)
    return native


def _matters(original: Original, saving: Saving) -> bool:
    """Whether the original has more than 8-bit sRGB, and it is wanted."""
    colours = saving.profile == "original" and (original.profile or original.mode != "RGB")
    return bool(colours) or (saving.depth != "8" and original.depth > 8)


def _within(native: Native | None, form: Form) -> Native | None:
    """Grey as RGB for formats without; None for what a format cannot hold."""
    if native is None or native.mode in form.modes:
        return native
    if native.mode == "L" and "RGB" in form.modes and not native.profile:
        return Native(np.repeat(native.samples, 3, axis=2), "RGB")
    return None
