"""Contact sheets: on A4, nothing lost, nothing overlapping, captions large enough to read."""

from __future__ import annotations

import io

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from studio.imaging.lettering import captioned, font, shortened, wrapped
from studio.imaging.sheet import A4, CAPTION, DPI, Heading, cell_width, pages, pdf, png

HEADING = Heading("a red lighthouse by the sea", ("Starter · 20 steps", "x̂0"))


def colour(index: int) -> tuple[int, int, int]:
    return 40 + index % 200, 10 + index // 200, 250


@settings(max_examples=6)
@given(st.integers(1, 230), st.sampled_from([0.2, 0.75, 1.0, 1.5, 4.0]))
def test_every_step_is_on_a_page_once(count: int, aspect: float) -> None:
    def shots() -> object:
        for index in range(count):
            yield Image.new("RGB", (round(40 * aspect), 40), colour(index)), f"Step {index}"

    seen = []
    for page in pages(shots(), count, aspect, HEADING):  # type: ignore[arg-type]
        assert page.size == A4
        pixels = np.asarray(page)[::9, ::9]  # every picture is wider
        found = np.unique(pixels[(pixels[..., 2] == 250) & (pixels[..., 1] < 20)], axis=0)
        seen += [tuple(int(v) for v in one) for one in found]
    assert sorted(seen) == sorted(colour(index) for index in range(count))


def test_a_caption_is_at_least_seven_points_high_on_paper() -> None:
    assert CAPTION / DPI * 72 >= 7
    assert font(CAPTION).getlength("Step 999 · σ 99.99") < cell_width(500, 1.0, HEADING)


def test_a_page_knows_its_size_on_paper() -> None:
    (page,) = pages([(Image.new("RGB", (8, 8)), "Step 0")], 1, 1.0, HEADING)
    with Image.open(io.BytesIO(png(page))) as image:
        across, _ = image.info["dpi"]
        assert abs(image.width / across - 8.27) < 0.01
    data = pdf([page, page])
    assert data.startswith(b"%PDF")
    assert data.count(b"/MediaBox [ 0 0 595.2 841.92 ]") == 2


def test_text_that_is_too_long_ends_in_an_ellipsis() -> None:
    assert shortened("short", 20, 500) == "short"
    cut = shortened("word " * 90, 20, 300)
    assert cut.endswith("…")
    assert font(20).getlength(cut) <= 300
    lines = wrapped("word " * 90, 20, 300, 3)
    assert len(lines) == 3
    assert lines[-1].endswith("…")
    assert all(font(20).getlength(line) <= 300 for line in lines)
    assert wrapped("", 20, 300, 2) == [""]


def test_a_caption_adds_a_bar_of_one_height() -> None:
    picture = Image.new("RGB", (200, 100), "red")
    one, other = captioned(picture, "x̂0 · step 1"), captioned(picture, "long " * 50)
    assert one.size == other.size
    assert one.getpixel((100, 50)) == (255, 0, 0)
    bar = np.asarray(one)[100:]
    assert bar.max() > 200  # There are letters on it.
