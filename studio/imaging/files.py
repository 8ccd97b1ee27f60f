"""Reaching a picture file: every way that fails ends in one sentence, and nothing is printed."""

from __future__ import annotations

import logging
import struct
import threading
import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import BinaryIO

from PIL import Image, ImageFile, UnidentifiedImageError

from studio.core.errors import CannotOpen

FORMATS = ("PNG", "JPEG", "WEBP", "TIFF", "AVIF", "GIF", "BMP", "JPEG2000", "PPM")
"""What may be opened: formats whose header says the size and that run no other program."""

READABLE = "PNG, JPEG, WebP, TIFF, AVIF, HEIC, GIF, BMP and JPEG 2000 files can be opened."

DAMAGE = (
    # What Pillow's plugins raise on broken bytes; there is no common base class.
    OSError,
    SyntaxError,
    ValueError,
    TypeError,
    LookupError,
    AttributeError,
    AssertionError,
    ArithmeticError,
    EOFError,
    RuntimeError,
    struct.error,
    zlib.error,
)

# Sizes are refused in `opening.py`, by the caller's limit, before a pixel is decoded.
Image.MAX_IMAGE_PIXELS = None
logging.getLogger("PIL").addHandler(logging.NullHandler())

_lock = threading.Lock()
_inside: list[warnings.catch_warnings[None]] = []


@contextmanager
def quiet() -> Iterator[None]:
    """Pillow warns about odd metadata; a person at the screen can do nothing about it.

    Several threads may be inside at once: the filters go when the first comes in, and are back
    when the last has left.
    """
    with _lock:
        first = not _inside
        guard = warnings.catch_warnings()
        if first:
            guard.__enter__()
            warnings.simplefilter("ignore")
        _inside.append(guard)
    try:
        yield
    finally:
        with _lock:
            guard = _inside.pop()
            if not _inside:
                guard.__exit__(None, None, None)


@contextmanager
def tolerant() -> Iterator[None]:
    """Pillow gives what it could decode of a file that ends too early, instead of an error.

    One thread at a time; what another thread opens meanwhile is as forgiving, and no worse.
    """
    with _tolerance:
        ImageFile.LOAD_TRUNCATED_IMAGES = True
        try:
            yield
        finally:
            ImageFile.LOAD_TRUNCATED_IMAGES = False


_tolerance = threading.Lock()


@contextmanager
def reading(path: Path) -> Iterator[BinaryIO]:
    """The file, open and not empty. Raises CannotOpen with one sentence."""
    try:
        if path.is_dir():
            raise CannotOpen(f"{path} is a folder.", "Choose a picture in it.")
        if path.exists() and not path.is_file():
            raise CannotOpen(f"{path} is not a file.", "Choose a picture file.")
        stream = path.open("rb")
    except FileNotFoundError:
        raise CannotOpen(f"There is no file {path}.", "Check the name and the folder.") from None
    except PermissionError:
        raise CannotOpen(f"{path} may not be read.", "Check the file's permissions.") from None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise CannotOpen(f"{path} cannot be opened: {reason}.") from error
    with stream:
        yield stream


def header(stream: BinaryIO, name: str) -> ImageFile.ImageFile:
    """The picture, its header read and no pixel decoded. Raises CannotOpen. Call in `quiet`."""
    start = stream.read(12)
    if not start:
        raise CannotOpen(f"{name} is empty (0 bytes).", "Look for another copy of it.")
    stream.seek(0)
    formats: tuple[str, ...] = FORMATS
    if start[4:8] == b"ftyp":
        _know_heif()
        formats = (*FORMATS, "HEIF")
    try:
        return Image.open(stream, formats=formats)
    except UnidentifiedImageError:
        raise CannotOpen(f"{name} is not a picture that can be read.", READABLE) from None
    except DAMAGE as error:
        raise damaged(name) from error


@cache
def _know_heif() -> None:
    import pillow_heif  # a library of its own, only when there is such a file

    pillow_heif.register_heif_opener()


def damaged(name: str) -> CannotOpen:
    return CannotOpen(
        f"{name} is damaged or incomplete and cannot be read.", "Look for another copy of it."
    )
