"""What is painted "from here" and "not from here", as one mask and back."""

import numpy as np

from studio.core.geometry import Box
from studio.core.material import chosen_area, marked, unmarked, usable
from studio.core.picture import Mask


def mask(columns: slice, value: int = 255) -> Mask:
    pixels = np.zeros((6, 10), np.uint8)
    pixels[:, columns] = value
    return Mask(pixels)


def test_nothing_painted_marks_nothing() -> None:
    assert marked(None, None) is None
    assert marked(mask(slice(0, 0)), mask(slice(0, 0))) is None


def test_what_is_to_be_avoided_is_even_where_it_is_also_chosen() -> None:
    both = marked(mask(slice(2, 6)), mask(slice(5, 9)))
    assert both is not None
    assert usable(both)[0].tolist() == [False] * 2 + [True] * 3 + [False] * 5
    assert chosen_area(both) == Box(2, 0, 3, 6)
    here, never = unmarked(both)
    assert here is not None
    assert never is not None
    again = marked(here, never)
    assert again is not None
    assert np.array_equal(again.pixels, both.pixels)


def test_without_a_choice_it_is_everywhere_else() -> None:
    only = marked(None, mask(slice(5, 9), 1))
    assert only is not None
    assert usable(only)[0].tolist() == [True] * 5 + [False] * 4 + [True]
    assert chosen_area(only).empty
    assert unmarked(only)[0] is None


def test_a_faint_touch_avoids_but_does_not_choose() -> None:
    assert marked(mask(slice(0, 4), 100), None) is None
