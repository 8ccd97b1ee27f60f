"""What of a file's metadata is kept when an edited picture is saved: EXIF, XMP, resolution."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image
from PIL.TiffImagePlugin import PREFIXES

from studio.core.geometry import Size
from studio.imaging.files import DAMAGE, header, quiet, reading

EXIF_IFD, GPS_IFD = 0x8769, 0x8825
ORIENTATION, XMP_TAG = 0x0112, 0x02BC
WIDTH, HEIGHT = 0xA002, 0xA003
INTEROP = 0xA005
DESCRIPTIVE = (
    0x010E,  # description
    0x010F,  # make
    0x0110,  # model
    0x0131,  # software
    0x0132,  # date
    0x013B,  # artist
    0x013C,  # host computer
    0x4746,  # rating
    0x4749,
    0x8298,  # copyright
    0x9C9B,  # title, comment, author, keywords, subject, as Windows writes them
    0x9C9C,
    0x9C9D,
    0x9C9E,
    0x9C9F,
)
"""What describes a picture, as opposed to how its old file held it."""
TURN = re.compile(rb'(tiff:Orientation(?:>|=["\']))\d+')
LARGEST = 4 * 1024 * 1024
"""Bytes of EXIF or XMP that are kept; more is no description of a picture."""


@dataclass(frozen=True)
class Kept:
    """`exif` is what Pillow writes, upright and without a thumbnail of the unedited picture;
    `dpi` dots per inch across and down, None if nobody said. `lost`: some of it was unreadable."""

    exif: bytes = b""
    xmp: bytes = b""
    dpi: tuple[float, float] | None = None
    lost: bool = False


def read_kept(path: Path, size: Size) -> Kept:
    """The metadata of a file, for a picture of `size` made from it. Raises CannotOpen."""
    with reading(path) as stream, quiet():
        start = stream.read(4)
        stream.seek(0)
        if start in PREFIXES:  # among them deep ones that Pillow does not know
            exif = Image.Exif()
            try:
                exif.load_from_fp(stream)
            except DAMAGE:
                return Kept(lost=True)
            info: dict[str, Any] = {"xmp": exif.get(XMP_TAG), "dpi": _tiff_dpi(exif)}
            return _kept(exif, info, size)
        with header(stream, path.name) as image:
            try:
                exif = image.getexif()
            except DAMAGE:
                exif = Image.Exif()
            return _kept(exif, image.info, size)


def _kept(exif: Image.Exif, info: Mapping[Any, Any], size: Size) -> Kept:
    lost = False
    data = b""
    try:
        clean = _clean(exif, size)
        data = clean.tobytes() if len(clean) else b""
    except DAMAGE:
        lost = True
    if len(data) > LARGEST:
        data, lost = b"", True
    xmp = info.get("xmp", b"")
    xmp = xmp.encode() if isinstance(xmp, str) else xmp
    xmp = TURN.sub(rb"\g<1>1", xmp) if isinstance(xmp, bytes) and len(xmp) <= LARGEST else b""
    return Kept(data, xmp, _dpi(info.get("dpi")), lost)


def _clean(exif: Image.Exif, size: Size) -> Image.Exif:
    clean = Image.Exif()
    for tag in DESCRIPTIVE:
        if tag in exif and not _ours(exif[tag]):
            clean[tag] = exif[tag]
    details = {
        tag: value
        for tag, value in exif.get_ifd(EXIF_IFD).items()
        if tag != INTEROP and value is not None
    }
    if details:
        if WIDTH in details:
            details |= {WIDTH: size.width, HEIGHT: size.height}
        clean.get_ifd(EXIF_IFD).update(details)
    place = exif.get_ifd(GPS_IFD)
    if place:
        clean.get_ifd(GPS_IFD).update(place)
    if len(clean) or details or place:
        clean[ORIENTATION] = 1
    return clean


def _ours(value: object) -> bool:
    """Whether a description is a recipe of this program's, which is written anew."""
    return isinstance(value, str) and value.startswith('{"') and '"recipe"' in value


def _tiff_dpi(exif: Image.Exif) -> tuple[float, float] | None:
    try:
        scale = {2: 1.0, 3: 2.54}[int(exif.get(0x0128, 2))]
        return float(exif[0x011A]) * scale, float(exif[0x011B]) * scale
    except DAMAGE:
        return None


def _dpi(value: Any) -> tuple[float, float] | None:
    try:
        across, down = (float(part) for part in value)
    except DAMAGE:
        return None
    return (across, down) if 1 < across < 1e5 and 1 < down < 1e5 else None
