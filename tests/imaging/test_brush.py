import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.core.geometry import Box, Size
from studio.imaging.brush import Brush, Stroke

places = st.tuples(st.floats(-80, 140), st.floats(-80, 120))
brushes = st.builds(Brush, st.floats(0.5, 40), st.floats(0, 1), st.floats(0, 1), st.booleans())


def painted(brush: Brush, size: Size, *points: tuple[float, float]) -> np.ndarray:
    stroke = Stroke(brush, size)
    for x, y in points:
        stroke.line_to(x, y)
    return stroke.apply(np.zeros((size.height, size.width), np.uint8), Box.of(size))


def test_a_dab_is_a_disc_of_the_brush_radius_around_the_place():
    mask = painted(Brush(10, 1.0), Size(64, 48), (30.0, 20.0))
    rows, columns = np.mgrid[:48, :64] + 0.5
    distance = np.hypot(columns - 30, rows - 20)
    assert (mask[distance <= 9.4] == 255).all()
    assert (mask[distance >= 10.6] == 0).all()
    assert mask.sum() / 255 == pytest.approx(math.pi * 100, rel=0.01)


def test_the_smallest_brush_paints_the_pixel_under_the_pointer():
    mask = painted(Brush(0.5, 1.0), Size(5, 5), (2.5, 3.5))
    assert mask[3, 2] == 255
    assert np.argwhere(mask > 127).tolist() == [[3, 2]]


def test_hardness_decides_how_far_the_stroke_stays_full():
    soft, hard = (painted(Brush(20, h), Size(60, 60), (30, 30))[29, 30:52] for h in (0.0, 0.9))
    assert (np.diff(soft.astype(int)) <= 0).all()
    assert 100 < soft[10] < 160
    assert (hard[:17] == 255).all()
    assert soft[-1] == hard[-1] == 0


def test_a_hard_line_has_an_even_edge():
    mask = painted(Brush(30, 1.0), Size(300, 100), (50, 50), (250.3, 50))
    full_width = (mask[:, 60:240] / 255).sum(axis=0)
    assert full_width.min() > 59.5
    assert full_width.max() < 60.5


def test_a_line_is_the_same_however_many_events_it_comes_in():
    once = painted(Brush(12, 0.5), Size(200, 60), (20, 30), (180, 30))
    often = painted(Brush(12, 0.5), Size(200, 60), *((20 + i * 1.6, 30) for i in range(101)))
    assert np.abs(once.astype(int) - often).max() <= 12


def test_opacity_belongs_to_the_stroke_not_to_the_stamp():
    mask = painted(Brush(10, 1.0, opacity=0.5), Size(80, 40), (20, 20), (60, 20), (20, 20))
    assert mask.max() == 128
    assert mask[20, 40] == 128


def test_a_second_stroke_adds_to_what_is_there_and_erasing_takes_away():
    size = Size(40, 40)
    half = Stroke(Brush(10, 1.0, opacity=0.5), size)
    half.line_to(20, 20)
    once = half.apply(np.zeros((40, 40), np.uint8), Box.of(size))
    twice = half.apply(once, Box.of(size))
    assert twice[20, 20] == 192
    eraser = Stroke(Brush(10, 1.0, erase=True), size)
    eraser.line_to(20, 20)
    assert eraser.apply(twice, Box.of(size)).max() <= 127  # only the smoothed edge is left
    assert eraser.apply(twice, Box.of(size))[20, 20] == 0


def test_pressure_scales_the_radius():
    stroke = Stroke(Brush(20, 1.0), Size(100, 100))
    stroke.line_to(50, 50, 0.5)
    mask = stroke.apply(np.zeros((100, 100), np.uint8), Box.of(Size(100, 100)))
    assert mask.sum() / 255 == pytest.approx(math.pi * 100, rel=0.02)


def test_a_pointer_far_off_the_picture_costs_nothing_and_comes_back():
    stroke = Stroke(Brush(1, 1.0), Size(50, 50))
    assert not stroke.line_to(25, 25).empty
    stroke.line_to(1e9, 25)
    stroke.line_to(1e9, -1e9)
    assert stroke.line_to(-1e9, -1e9).empty
    stroke.line_to(-1e9, 10)
    stroke.line_to(20, 10)
    mask = stroke.apply(np.zeros((50, 50), np.uint8), Box.of(Size(50, 50)))
    assert (mask[24:26, 25:50] > 200).all()
    assert (mask[9:11, 0:20] > 200).all()


@settings(max_examples=50, deadline=None)
@given(brushes, st.lists(st.tuples(places, st.floats(0, 1)), min_size=1, max_size=5))
def test_nothing_changes_outside_the_box_that_is_told(brush, path):
    size = Size(60, 40)
    stroke = Stroke(brush, size)
    before = np.full((40, 60), 90, np.uint8)
    after = before
    for (x, y), pressure in path:
        box = stroke.line_to(x, y, pressure)
        assert Box.of(size).contains(box) or box.empty
        now = stroke.apply(before, Box.of(size))
        outside = np.ones((40, 60), bool)
        outside[box.rows, box.columns] = False
        assert (now == after)[outside].all()
        assert (now <= after).all() if brush.erase else (now >= after).all()
        after = now


def test_pressure_makes_it_smaller_or_fainter_as_the_brush_says():
    def mark(pressure: float, **how: bool) -> np.ndarray:
        stroke = Stroke(Brush(20, 1.0, **how), Size(100, 100))
        stroke.line_to(50, 50, pressure)
        whole = Box(0, 0, 100, 100)
        return stroke.apply(np.zeros((100, 100), np.uint8), whole)

    full = mark(1.0)
    smaller = mark(0.5, pressure_size=True, pressure_opacity=False)
    fainter = mark(0.5, pressure_size=False, pressure_opacity=True)
    neither = mark(0.5, pressure_size=False, pressure_opacity=False)
    assert np.count_nonzero(smaller) == pytest.approx(np.count_nonzero(full) / 4, rel=0.1)
    assert smaller.max() == 255
    assert fainter.max() == 128
    assert np.count_nonzero(fainter) == np.count_nonzero(full)
    assert np.array_equal(neither, full)
