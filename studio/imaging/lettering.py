"""Words on pictures that are taken away: captions under frames, the text of a contact sheet."""

from __future__ import annotations

from functools import lru_cache

from PIL import Image, ImageDraw, ImageFont

from studio.core.resources import resource

INK, PAPER, GREY = (28, 28, 30), (255, 255, 255), (112, 112, 118)
BAR, ON_BAR = (20, 20, 22), (240, 240, 242)


@lru_cache(maxsize=16)
def font(size: int) -> ImageFont.FreeTypeFont:
    """DejaVu Sans, which has Greek letters, accents and arrows; `size` in pixels."""
    return ImageFont.truetype(resource("fonts", "DejaVuSans.ttf"), size)


def captioned(image: Image.Image, text: str) -> Image.Image:
    """The picture with a bar of text under it; its height is the same for every text."""
    height = caption_height(image.width)
    out = Image.new("RGB", (image.width, image.height + height), BAR)
    out.paste(image, (0, 0))
    size = round(height * 0.5)
    shown = shortened(text, size, image.width - size)
    ImageDraw.Draw(out).text(
        (image.width / 2, image.height + height / 2), shown, ON_BAR, font(size), anchor="mm"
    )
    return out


def caption_height(width: int) -> int:
    """Pixels that a caption adds under a picture of that width."""
    return min(max(18, round(width * 0.055)), 64)


def shortened(text: str, size: int, width: float) -> str:
    """The text on one line of `width` pixels, cut with an ellipsis if it must be."""
    line = " ".join(text.split())
    if font(size).getlength(line) <= width:
        return line
    while line and font(size).getlength(f"{line}…") > width:
        line = line[:-1]
    return f"{line.rstrip()}…" if line else ""


def wrapped(text: str, size: int, width: float, lines: int) -> list[str]:
    """The text in at most so many lines of `width` pixels, broken between words."""
    words, out = text.split(), [""]
    for index, word in enumerate(words):
        longer = f"{out[-1]} {word}".strip()
        if font(size).getlength(longer) <= width or not out[-1]:
            out[-1] = longer
        elif len(out) < lines:
            out.append(word)
        else:
            out[-1] = shortened(" ".join((out[-1], *words[index:])), size, width)
            break
    return [shortened(line, size, width) for line in out]
