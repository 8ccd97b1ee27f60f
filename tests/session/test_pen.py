from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.core.geometry import Size
from studio.session.pen import MAX_SIZE, MIN_SIZE, Pen, Tool

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=3,
)


def test_every_setting_is_remembered():
    pen = Pen(Tool.WAND, 77.5, 0.25, 0.5, False, True, "subtract", 12, 99, False, "#00ff88", 0.3)
    again = Pen()
    again.from_json(json.loads(json.dumps(pen.to_json())))
    assert again == pen
    assert again.to_json() == pen.to_json()


@given(st.dictionaries(st.sampled_from(list(Pen().to_json())), ANYTHING))
def test_whatever_was_kept_leaves_a_pen_that_can_be_used(data):
    pen = Pen()
    pen.from_json(data)
    assert MIN_SIZE <= pen.size <= MAX_SIZE
    assert isinstance(pen.tool, Tool)
    assert isinstance(pen.contiguous, bool)
    assert 0 <= pen.tolerance <= 255
    assert isinstance(pen.feather, int)
    pen.brush  # noqa: B018
    for nonsense in (None, [], 3):
        pen.from_json(nonsense)


def test_what_an_older_version_kept_is_understood():
    pen = Pen()
    pen.from_json({"size": 33, "hardness": 0.5})
    assert (pen.size, pen.hardness, pen.tool) == (33.0, 0.5, Tool.BRUSH)


def test_the_brush_grows_by_a_pixel_at_least_and_stays_in_its_range():
    pen = Pen(size=2.0)
    pen.resize(1)
    assert pen.size == 3.0
    pen.resize(-1)
    assert pen.size == 2.0
    pen.resize(200)
    assert pen.size == MAX_SIZE
    pen.resize(-300)
    assert pen.size == MIN_SIZE


def test_swapping_turns_the_brush_or_the_way_of_selecting():
    pen = Pen()
    pen.swap()
    assert pen.tool is Tool.ERASER
    pen.swap()
    assert pen.tool is Tool.BRUSH
    pen.tool = Tool.LASSO
    pen.swap()
    assert (pen.tool, pen.combine) == (Tool.LASSO, "subtract")
    pen.swap()
    assert pen.combine == "add"


def test_the_brush_follows_the_size_of_the_picture():
    pen = Pen()
    pen.measure(Size(100, 50))
    assert pen.size == pytest.approx(12)
    pen.measure(Size(1000, 50))
    assert pen.size == pytest.approx(120)
    pen.measure(Size(50, 1000))
    assert pen.size == pytest.approx(120)


def test_a_picture_too_small_for_the_brush_does_not_change_it_for_the_next():
    pen = Pen()
    pen.measure(Size(1000, 800))
    pen.measure(Size(1, 1))
    assert pen.size == MIN_SIZE
    pen.measure(Size(1000, 800))
    assert pen.size == pytest.approx(120)
    pen.measure(Size(1, 30000))
    assert pen.size == MAX_SIZE
    pen.size = 600
    pen.measure(Size(1500, 100))
    assert pen.size == pytest.approx(30)


def test_the_brush_is_made_of_the_settings():
    pen = Pen(tool=Tool.ERASER, size=30, hardness=0.4, opacity=0.6, pressure_opacity=True)
    brush = pen.brush
    assert (brush.radius, brush.hardness, brush.opacity, brush.erase) == (15, 0.4, 0.6, True)
    assert (brush.pressure_size, brush.pressure_opacity) == (True, True)
