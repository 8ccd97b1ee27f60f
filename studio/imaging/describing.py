"""The recipe's texts in EXIF, for files that have no text chunks, beside what was there before."""

from __future__ import annotations

from collections.abc import Mapping

from PIL import Image

from studio.imaging.files import DAMAGE

IMAGE_DESCRIPTION, IMAGE_HISTORY = 0x010E, 0x9213
EXIF_IFD, USER_COMMENT = 0x8769, 0x9286
UNICODE = b"UNICODE\0"
MAX_JPEG_EXIF = 65_000


def exif_texts(image: Image.Image) -> dict[str, str]:
    """What `described` put into EXIF, and A1111's `parameters` wherever they come from."""
    exif = image.getexif()
    found = {}
    for tag in (IMAGE_DESCRIPTION, IMAGE_HISTORY):
        ours = exif.get(tag)
        if isinstance(ours, str) and ours.startswith("{"):
            found["diffusion-studio"] = ours
    comment = exif.get_ifd(EXIF_IFD).get(USER_COMMENT)
    if isinstance(comment, bytes) and comment.startswith(UNICODE):
        found["parameters"] = _utf16(comment[len(UNICODE) :])
    return found


def described(form: str, texts: Mapping[str, str], kept: bytes = b"") -> Image.Exif:
    """The kept EXIF with the texts in it.

    EXIF has no field for JSON: ours is ASCII (escaped) in the description, or in the image history
    if the photo is described already. A1111's `parameters` are in the user comment, where its own
    readers look. JPEG has room for 64 KiB: a text that does not fit is left out.
    """
    for some in (texts, {name: text for name, text in texts.items() if name == "parameters"}, {}):
        exif = _with(some, kept)
        if form != "JPEG" or not some or len(exif.tobytes()) <= MAX_JPEG_EXIF:
            return exif
    return _with({}, b"")


def _with(texts: Mapping[str, str], kept: bytes) -> Image.Exif:
    exif = Image.Exif()
    if kept:
        try:
            exif.load(kept)
        except DAMAGE:
            exif = Image.Exif()
    ours = "".join(_escaped(c) for c in texts.get("diffusion-studio", ""))
    if ours:
        exif[IMAGE_HISTORY if IMAGE_DESCRIPTION in exif else IMAGE_DESCRIPTION] = ours
    if "parameters" in texts:
        comment = UNICODE + _unicode(texts["parameters"]).encode("utf-16-be")
        exif.get_ifd(EXIF_IFD)[USER_COMMENT] = comment
    return exif


def _escaped(character: str) -> str:
    if character.isascii():
        return character
    pair = character.encode("utf-16-be", "surrogatepass").hex()
    return "".join(f"\\u{pair[i : i + 4]}" for i in range(0, len(pair), 4))


def _unicode(text: str) -> str:
    return text.encode("utf-8", "replace").decode("utf-8")


def _utf16(data: bytes) -> str:
    """Big-endian, as everyone writes it, unless every other byte says that it is little."""
    little = data[1:2] == b"\0" and data[:1] != b"\0"
    return data.decode("utf-16-le" if little else "utf-16-be", "replace")
