"""Reaching a picture file: every way that fails ends in one sentence, and nothing is printed."""

from __future__ import annotations

import io
import logging
import struct
import threading
import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from PIL import Image, ImageFile, UnidentifiedImageError

from studio.core.errors import CannotOpen

FORMATS = ("PNG", "JPEG", "WEBP", "TIFF", "AVIF", "GIF", "BMP", "JPEG2000", "PPM")
"""What may be opened: formats whose header says the size and that run no other program."""

READABLE = "PNG, JPEG, WebP, TIFF, AVIF, GIF, BMP and JPEG 2000 files can be opened."

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

_filters = threading.Lock()


@contextmanager
def quiet() -> Iterator[None]:
    """Pillow warns about odd metadata; a person at the screen can do nothing about it."""
    with _filters, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


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
    if not stream.read(1):
        raise CannotOpen(f"{name} is empty (0 bytes).", "Look for another copy of it.")
    stream.seek(0)
    try:
        return Image.open(stream, formats=FORMATS)
    except UnidentifiedImageError:
        raise CannotOpen(f"{name} is not a picture that can be read.", READABLE) from None
    except DAMAGE as error:
        raise damaged(name) from error


def damaged(name: str) -> CannotOpen:
    return CannotOpen(
        f"{name} is damaged or incomplete and cannot be read.", "Look for another copy of it."
    )


def in_memory(data: bytes) -> BinaryIO:
    return io.BytesIO(data)
