import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.core.geometry import Size
from studio.ui.canvas_view import MAX_ZOOM, MIN_ZOOM, View, percent

places = st.floats(-1e5, 1e5)
views = st.builds(View, st.floats(MIN_ZOOM, MAX_ZOOM), places, places)
sizes = st.builds(Size, st.integers(1, 30000), st.integers(1, 30000))
viewports = st.builds(Size, st.integers(1, 8000), st.integers(1, 8000))


@settings(max_examples=50)
@given(views, places, places)
def test_there_and_back(view, x, y):
    assert view.to_picture(*view.to_screen(x, y)) == pytest.approx((x, y), abs=1e-2)


@settings(max_examples=50)
@given(views, st.floats(1e-4, 1e4), st.floats(0, 8000), st.floats(0, 8000))
def test_the_place_under_the_pointer_stays_there_when_zooming(view, zoom, x, y):
    zoomed = view.zoomed(zoom, x, y)
    assert MIN_ZOOM <= zoomed.zoom <= MAX_ZOOM
    assert zoomed.to_screen(*view.to_picture(x, y)) == pytest.approx((x, y), abs=1e-3)


@settings(max_examples=50)
@given(views, sizes, viewports)
def test_some_of_the_picture_always_stays_in_sight(view, size, viewport):
    kept = view.kept(size, viewport)
    left, top = kept.to_screen(0, 0)
    right, bottom = kept.to_screen(size.width, size.height)
    slack = 1e-6
    assert min(right, viewport.width) - max(left, 0) > -slack
    assert min(bottom, viewport.height) - max(top, 0) > -slack
    again = kept.kept(size, viewport)
    assert (again.x, again.y) == pytest.approx((kept.x, kept.y), abs=1e-6)


@settings(max_examples=50)
@given(sizes, viewports, st.floats(0, 40))
def test_a_fitted_picture_is_inside_and_in_the_middle(size, viewport, margin):
    view = View.fitted(size, viewport, margin)
    right, bottom = view.to_screen(size.width, size.height)
    room_x, room_y = (max(1, side - 2 * margin) for side in (viewport.width, viewport.height))
    assert right - view.x <= room_x + 1e-6
    assert bottom - view.y <= room_y + 1e-6
    fills = (right - view.x >= room_x - 1e-6, bottom - view.y >= room_y - 1e-6)
    assert any(fills)
    assert view.x + right == pytest.approx(viewport.width, abs=1.01)
    assert view.y + bottom == pytest.approx(viewport.height, abs=1.01)


def test_percent_is_short():
    words = [percent(z) for z in (0.01, 0.0555, 0.333333, 1.0, 4.96, 32.0)]
    assert words == ["1 %", "5.55 %", "33.3 %", "100 %", "496 %", "3200 %"]
