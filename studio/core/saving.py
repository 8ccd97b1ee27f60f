"""How a picture is to be saved: what the person chose, remembered for the next time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Literal

FormName = Literal["PNG", "JPEG", "WEBP", "TIFF", "AVIF"]
Depth = Literal["original", "8", "16"]
Metadata = Literal["all", "no recipe", "none"]
Profile = Literal["original", "srgb"]
Sampling = Literal["4:4:4", "4:2:2", "4:2:0"]
Compression = Literal["deflate", "none"]

SUFFIXES: dict[str, FormName] = {
    ".png": "PNG",
    ".jpg": "JPEG",
    ".jpeg": "JPEG",
    ".webp": "WEBP",
    ".tif": "TIFF",
    ".tiff": "TIFF",
    ".avif": "AVIF",
}
CHOICES: dict[str, tuple[str, ...]] = {
    "form": ("PNG", "JPEG", "WEBP", "TIFF", "AVIF"),
    "depth": ("original", "8", "16"),
    "metadata": ("all", "no recipe", "none"),
    "profile": ("original", "srgb"),
    "sampling": ("4:4:4", "4:2:2", "4:2:0"),
    "compression": ("deflate", "none"),
}


@dataclass(frozen=True)
class Saving:
    """`form` is the one chosen last; a file's name says what it is saved as. `quality` 1…100 for
    JPEG, WebP and AVIF; `sampling` of colour for JPEG and AVIF; `lossless` for WebP; `compression`
    for TIFF. What a format has not is left aside.

    `depth` and `profile` "original": those of the file that the picture was opened from, whose
    pixels are then kept as they are wherever nothing was changed. `metadata` "all": the original's
    EXIF, XMP and resolution, and the recipe; "none" leaves only the colour profile.
    """

    form: FormName = "PNG"
    quality: int = 95
    sampling: Sampling = "4:4:4"
    lossless: bool = False
    compression: Compression = "deflate"
    depth: Depth = "original"
    metadata: Metadata = "all"
    profile: Profile = "original"

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, data: object) -> Saving:
        """Read what `to_json` wrote; whatever makes no sense is as at first."""
        made: dict[str, Any] = {}
        if not isinstance(data, Mapping):
            return cls()
        for field in fields(cls):
            value = data.get(field.name)
            if field.name in CHOICES:
                fits = value in CHOICES[field.name]
            elif field.name == "lossless":
                fits = isinstance(value, bool)
            else:
                fits = isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= 100
            if fits:
                made[field.name] = value
        return cls(**made)
