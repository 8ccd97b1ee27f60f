import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.core.geometry import Box, Size

boxes = st.builds(
    Box, st.integers(-50, 50), st.integers(-50, 50), st.integers(0, 60), st.integers(0, 60)
)


def pixels(box: Box) -> set[tuple[int, int]]:
    return {(x, y) for x in range(box.x, box.right) for y in range(box.y, box.bottom)}


@given(boxes, boxes)
def test_intersection_holds_the_pixels_that_both_hold(a: Box, b: Box) -> None:
    assert pixels(a.intersect(b)) == pixels(a) & pixels(b)


@given(boxes, boxes)
def test_union_is_the_smallest_box_around_both(a: Box, b: Box) -> None:
    union = a.union(b)
    assert pixels(union) >= pixels(a) | pixels(b)
    both = pixels(a) | pixels(b)
    if both:
        xs, ys = {x for x, _ in both}, {y for _, y in both}
        assert union == Box.between(min(xs), min(ys), max(xs) + 1, max(ys) + 1)


@given(boxes, st.integers(0, 20))
def test_growing_and_shrinking_undo_each_other(box: Box, by: int) -> None:
    assert box.grow(by).grow(-by) == box


@given(boxes, boxes)
def test_a_box_contains_what_lies_wholly_inside(a: Box, b: Box) -> None:
    if not b.empty:
        assert a.contains(b) == (pixels(b) <= pixels(a))


@pytest.mark.parametrize("text", ["640x480", "640X480", "640×480", "640*480"])
def test_a_size_is_read_as_people_write_it(text: str) -> None:
    assert Size.parse(text) == Size(640, 480)


@pytest.mark.parametrize("text", ["", "640", "640x", "axb", "1x2x3"])
def test_what_is_not_a_size_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - int() words it in its own way
        Size.parse(text)


def test_a_size_prints_as_it_is_read() -> None:
    assert Size.parse(str(Size(3, 4))) == Size(3, 4)
