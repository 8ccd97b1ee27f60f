import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.core.picture import Picture
from studio.ui.strip_model import GAP, SCROLLED, SMALLEST, SPREAD, Film, Layout

layouts = st.builds(
    Layout.of,
    st.integers(1, 1000),
    st.floats(1 / 3, 3),
    st.floats(100, 3000),
    st.floats(20, 300),
)


@settings(max_examples=50)
@given(layouts, st.data())
def test_every_place_is_found_where_it_is(layout, data):
    index = data.draw(st.integers(0, layout.steps - 1))
    for part in (0.01, 0.5, 0.99):
        assert layout.index_at(layout.left(index) + part * layout.width) == index
    assert layout.index_at(-1e6) == 0
    assert layout.index_at(1e9) == layout.steps - 1


@settings(max_examples=50)
@given(st.integers(1, 1000), st.floats(1 / 3, 3), st.floats(100, 3000), st.floats(20, 300))
def test_thumbnails_fill_the_height_or_the_width_or_scroll(steps, aspect, room, height):
    layout = Layout.of(steps, aspect, room, height)
    assert layout.height <= height * 1.0001
    assert layout.width >= min(SMALLEST, height * aspect) - 1e-6
    if layout.total > room + 1e-6:
        assert layout.width == pytest.approx(min(SCROLLED, height * aspect))
        assert steps * (min(SMALLEST, layout.width) + GAP) + GAP >= room - 1e-6
    wanted = steps * (layout.width + GAP) + GAP
    assert layout.total == pytest.approx(max(wanted, min(SPREAD, room)))


@settings(max_examples=50)
@given(st.integers(1, 60), st.floats(60, 800), st.integers(1, 9))
def test_pictures_of_a_batch_have_rows_that_fit_or_none(steps, height, batch):
    layout = Layout.of(steps, 1.0, 2000.0, height, batch)
    assert layout.rows in (1, batch)
    assert layout.tall <= height + 1e-6
    for row in range(layout.rows):
        middle = row * (layout.height + GAP) + layout.height / 2
        assert layout.row_at(middle) == row
    assert (layout.row_at(-1e3), layout.row_at(1e6)) == (0, layout.rows - 1)


@settings(max_examples=50)
@given(layouts, st.floats(0, 5000), st.floats(10, 2000))
def test_what_is_seen_is_all_that_is_painted(layout, left, width):
    painted = layout.between(left, left + width)
    for index in range(layout.steps):
        inside = layout.left(index) < left + width and layout.left(index) + layout.width > left
        assert not inside or index in painted
    assert len(painted) <= width / layout.pitch + 3


def test_nearest_and_neighbours_are_among_the_known():
    film = Film(steps=20)
    assert (film.nearest(3), film.neighbour(1), film.newest) == (None, None, None)
    one = Picture(np.zeros((2, 4, 3), np.uint8))
    for index in (8, 5, 12):
        film.add(index, (one,), "")
    assert [film.nearest(i) for i in (0, 6, 7, 10, 11, 19)] == [5, 5, 8, 8, 12, 12]
    assert (film.oldest, film.newest, film.aspect) == (5, 12, 2.0)
    assert (film.neighbour(-1), film.neighbour(1)) == (12, 5)
    film.selected = 8
    assert (film.neighbour(-1), film.neighbour(1), film.neighbour(5)) == (5, 12, 12)


def test_numbers_are_thinned_out_when_there_is_no_room():
    layout = Layout.of(100, 1.0, 500.0, 60.0)
    assert layout.pitch == 64
    assert [layout.label_every(width) for width in (20, 70, 400, 7000)] == [1, 5, 10, 500]
