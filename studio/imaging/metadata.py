"""The record of a picture, as text in its file: our own JSON, and A1111's `parameters`."""

from __future__ import annotations

import json
import re
from pathlib import Path

from PIL import Image

from studio.core.errors import BadInput, CannotOpen
from studio.core.recipe import dumps
from studio.core.record import Record
from studio.imaging.describing import exif_texts
from studio.imaging.files import DAMAGE, header, quiet, reading
from studio.imaging.parameters import format_parameters, parse_parameters

OURS = "diffusion-studio"
THEIRS = "parameters"
HALF_PAIR = re.compile("[\ud800-\udfff]")
MAX_PIXELS = 100_000_000


def texts(record: Record) -> dict[str, str]:
    """What a picture's file should say: exact JSON, and the text that other programs read."""
    ours = HALF_PAIR.sub(lambda half: f"\\u{ord(half[0]):04x}", dumps(record.to_json()))
    return {OURS: ours, THEIRS: format_parameters(record.recipe)}


def read_record(path: Path) -> Record:
    """The record in a picture; of A1111's text alone, as much as it says.

    Raises CannotOpen if the file cannot be read or says nothing of how it was made.
    """
    with reading(path) as stream, quiet(), header(stream, path.name) as image:
        found = _texts_of(image)
    if OURS in found:
        try:
            return Record.from_json(json.loads(found[OURS]))
        except (ValueError, RecursionError, AttributeError) as error:
            raise CannotOpen(f"The recipe in {path.name} is damaged.") from error
        except BadInput as error:
            raise CannotOpen(f"{path.name}: {error.message}", error.hint) from error
    if THEIRS in found:
        try:
            return Record(recipe=parse_parameters(found[THEIRS]))
        except BadInput as error:
            raise CannotOpen(f"{path.name}: {error.message}", error.hint) from error
    raise CannotOpen(
        f"{path.name} does not say how it was made.",
        "Only pictures saved by Diffusion Studio, or with A1111's parameters, do.",
    )


def _texts_of(image: Image.Image) -> dict[str, str]:
    found = {key: str(image.info[key]) for key in (OURS, THEIRS) if key in image.info}
    try:
        if not found:
            found = exif_texts(image)
        if not found and image.format == "PNG" and image.width * image.height <= MAX_PIXELS:
            image.load()  # some programs write their texts after the pixels
            found = {key: str(image.info[key]) for key in (OURS, THEIRS) if key in image.info}
    except DAMAGE:
        return found
    return found
