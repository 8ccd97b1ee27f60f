import numpy as np
import pytest

from studio.core.geometry import Size
from studio.core.picture import Mask, Picture


def test_a_picture_does_not_change_with_the_array_it_was_made_from() -> None:
    pixels = np.zeros((4, 6, 3), np.uint8)
    picture = Picture(pixels)
    pixels[:] = 9
    assert not picture.pixels.any()
    assert picture.size == Size(6, 4)


def test_a_read_only_view_of_a_writable_array_is_copied_too() -> None:
    pixels = np.zeros((4, 6, 3), np.uint8)
    view = pixels[:2]
    view.flags.writeable = False
    picture = Picture(view)
    pixels[:] = 9
    assert not picture.pixels.any()


def test_frozen_pixels_are_shared_not_copied() -> None:
    first = Picture(np.zeros((4, 6, 4), np.uint8))
    assert Picture(first.pixels).pixels is first.pixels
    assert first.has_alpha


def test_pixels_cannot_be_written() -> None:
    with pytest.raises(ValueError, match="read-only"):
        Mask(np.zeros((2, 2), np.uint8)).pixels[0, 0] = 1


@pytest.mark.parametrize("shape", [(4, 6), (4, 6, 2), (0, 6, 3), (4, 6, 3, 1)])
def test_what_is_no_picture_is_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="picture"):
        Picture(np.zeros(shape, np.uint8))


def test_other_number_types_are_refused() -> None:
    with pytest.raises(TypeError, match="uint8"):
        Picture(np.zeros((4, 6, 3), np.float32))


def test_a_mask_is_empty_until_something_is_painted() -> None:
    pixels = np.zeros((3, 3), np.uint8)
    assert Mask(pixels).empty
    pixels[2, 2] = 1
    assert not Mask(pixels).empty
