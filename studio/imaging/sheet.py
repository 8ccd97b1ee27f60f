"""A contact sheet: the steps of a run on A4 pages, to print."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from PIL import Image, ImageDraw

from studio.imaging.lettering import GREY, INK, PAPER, font, shortened, wrapped

DPI = 300
A4 = (2480, 3508)
MARGIN, GAP = 142, 28
POINT = DPI / 72
TITLE, TEXT, CAPTION = round(13 * POINT), round(8.5 * POINT), round(7.5 * POINT)
COLUMNS = range(3, 8)
"""Seven columns leave a caption of 7.5 points the width it needs."""


@dataclass(frozen=True)
class Heading:
    """`title` is what was asked for, `lines` how it was made."""

    title: str
    lines: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Grid:
    columns: int
    rows: int
    width: int
    height: int
    """Of one picture, in pixels."""


def cell_width(count: int, aspect: float, heading: Heading) -> int:
    """How wide each of `count` pictures will be printed: larger ones are of no use."""
    return _grid(count, aspect, _top(heading)).width


def pages(
    frames: Iterable[tuple[Image.Image, str]], count: int, aspect: float, heading: Heading
) -> Iterator[Image.Image]:
    """A4 pages at 300 dots an inch, upright. `frames`: `count` pictures, each with its caption.

    `aspect` is a picture's width over its height. A page is given when it is full.
    """
    top = _top(heading)
    grid = _grid(count, aspect, top)
    each = grid.columns * grid.rows
    total = -(-count // each)
    page: Image.Image | None = None
    for index, (image, caption) in enumerate(frames):
        place = index % each
        if place == 0:
            if page is not None:
                yield page
            page = _blank(heading, index // each + 1, total)
        assert page is not None
        _put(page, image, caption, place, grid, top)
    if page is not None:
        yield page


def pdf(sheets: Sequence[Image.Image]) -> bytes:
    """The pages as one PDF of A4 pages."""
    out = io.BytesIO()
    first, *rest = sheets
    first.save(out, "PDF", save_all=True, append_images=rest, resolution=DPI, quality=92)
    return out.getvalue()


def png(sheet: Image.Image) -> bytes:
    """One page as a PNG that knows its size on paper."""
    out = io.BytesIO()
    sheet.save(out, "PNG", dpi=(DPI, DPI))
    return out.getvalue()


def _top(heading: Heading) -> int:
    lines = _title(heading)
    return MARGIN + round(len(lines) * TITLE * 1.3 + len(heading.lines) * TEXT * 1.45 + TEXT)


def _title(heading: Heading) -> list[str]:
    return wrapped(heading.title, TITLE, A4[0] - 2 * MARGIN, 3)


def _grid(count: int, aspect: float, top: int) -> _Grid:
    """As few columns as let everything onto one page; if nothing does, the most there can be."""
    room_across, room_down = A4[0] - 2 * MARGIN, A4[1] - top - MARGIN
    grids = []
    for columns in COLUMNS:
        width = (room_across - (columns - 1) * GAP) // columns
        height = round(width / aspect)
        most = room_down - _caption_room()
        if height > most:
            width, height = max(1, round(most * aspect)), most
        rows = max(1, (room_down + GAP) // (height + _caption_room() + GAP))
        grids.append(_Grid(columns, rows, width, height))
    return next((grid for grid in grids if grid.columns * grid.rows >= count), grids[-1])


def _caption_room() -> int:
    return round(CAPTION * 1.7)


def _blank(heading: Heading, number: int, total: int) -> Image.Image:
    page = Image.new("RGB", A4, PAPER)
    draw = ImageDraw.Draw(page)
    y = float(MARGIN)
    for line in _title(heading):
        draw.text((MARGIN, y), line, INK, font(TITLE))
        y += TITLE * 1.3
    for line in heading.lines:
        draw.text((MARGIN, y), shortened(line, TEXT, A4[0] - 2 * MARGIN), GREY, font(TEXT))
        y += TEXT * 1.45
    if total > 1:
        place = (A4[0] - MARGIN, A4[1] - MARGIN / 2)
        draw.text(place, f"{number} / {total}", GREY, font(TEXT), anchor="rm")
    return page


def _put(
    page: Image.Image, image: Image.Image, caption: str, place: int, grid: _Grid, top: int
) -> None:
    row, column = divmod(place, grid.columns)
    across = (A4[0] - 2 * MARGIN + GAP) // grid.columns
    x = MARGIN + column * across + (across - GAP - grid.width) // 2
    y = top + row * (grid.height + _caption_room() + GAP)
    # Few pixels are shown as they are; a print that blurs them would show what is not there.
    small = image.width * 4 < grid.width
    kind = Image.Resampling.NEAREST if small else Image.Resampling.LANCZOS
    page.paste(image.resize((grid.width, grid.height), kind), (x, y))
    text = shortened(caption, CAPTION, across - GAP / 2)
    middle = (x + grid.width / 2, y + grid.height + _caption_room() * 0.55)
    ImageDraw.Draw(page).text(middle, text, INK, font(CAPTION), anchor="mm")
