"""Photos for tests: any mode, depth and profile, as files."""

from __future__ import annotations

import io
import tempfile
from pathlib import Path

import numpy as np
from PIL import Image, ImageCms

from studio.imaging.native import CHANNELS, Mode, Native
from studio.imaging.opening import Opened, open_picture
from studio.imaging.tiff import tiff_bytes
from studio.imaging.writing import FORMS, Page


def swapped_profile() -> bytes:
    """sRGB under another name and with red and blue exchanged."""
    data = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    data = data.replace(b"rXYZ", b"qXYZ").replace(b"bXYZ", b"rXYZ").replace(b"qXYZ", b"bXYZ")
    return data.replace("sRGB".encode("utf-16-be"), "swap".encode("utf-16-be"))


def grey_profile() -> bytes:
    """Grey with a gamma of about 1.8."""

    def tag(kind: bytes, body: bytes) -> bytes:
        return kind + b"\0\0\0\0" + body

    text = "gamma".encode("utf-16-be")
    desc = tag(b"mluc", b"\0\0\0\1\0\0\0\x0cenUS" + len(text).to_bytes(4, "big"))
    desc += b"\0\0\0\x1c" + text
    white = tag(b"XYZ ", b"\0\0\xf6\xd6\0\1\0\0\0\0\xd3\x2d")
    curve = tag(b"curv", b"\0\0\0\1\x01\xcd")
    parts, table, at = b"", b"", 128 + 4 + 12 * 4
    for name, body in ((b"desc", desc), (b"cprt", desc), (b"wtpt", white), (b"kTRC", curve)):
        body = body.ljust(-(-len(body) // 4) * 4, b"\0")
        table += name + (at + len(parts)).to_bytes(4, "big") + len(body).to_bytes(4, "big")
        parts += body
    rest = (4).to_bytes(4, "big") + table + parts
    head = bytearray(128)
    head[0:4] = (128 + len(rest)).to_bytes(4, "big")
    head[8:12] = b"\x04\x20\0\0"
    head[12:24] = b"mntrGRAYXYZ "
    head[36:40] = b"acsp"
    head[68:80] = b"\0\0\xf6\xd6\0\1\0\0\0\0\xd3\x2d"
    return bytes(head) + rest


def native(
    mode: Mode = "RGB",
    depth: int = 8,
    size: tuple[int, int] = (31, 22),
    profile: bytes = b"",
    seed: int = 0,
) -> Native:
    chance = np.random.default_rng(seed)
    shape = (size[1], size[0], CHANNELS[mode])
    if depth == 32:
        samples = (chance.random(shape) * 3 - 0.5).astype(np.float32)
        if mode in ("LA", "RGBA"):
            samples[..., -1] = samples[..., -1].clip(0, 1)
        return Native(samples, mode, profile)
    kind = np.uint8 if depth == 8 else np.uint16
    return Native(chance.integers(0, 2**depth, shape, kind), mode, profile)


def write(folder: Path, made: Native, suffix: str = ".tiff", **more: object) -> Path:
    path = folder / f"photo{suffix}"
    if suffix == ".tiff":
        path.write_bytes(tiff_bytes(made, **more))  # type: ignore[arg-type]
    else:
        path.write_bytes(FORMS[suffix[1:].upper()].write(Page(made, **more)))  # type: ignore[arg-type]
    return path


def bytes_of(image: Image.Image, form: str, **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, form, **options)
    return out.getvalue()


def decoded(data: bytes, name: str = "picture", max_pixels: int = 10**8) -> Opened:
    """What opening a file of these bytes gives."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(data)
        return open_picture(path, max_pixels)
