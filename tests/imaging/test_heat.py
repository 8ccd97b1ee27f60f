import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.core.geometry import Size
from studio.core.picture import Picture
from studio.imaging import heat


def oklab(pixels: np.ndarray) -> np.ndarray:
    """As published, on its own: from sRGB bytes."""
    rgb = pixels.astype(np.float64) / 255
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    lms = (
        linear
        @ np.array(
            [
                [0.4122214708, 0.5363325363, 0.0514459929],
                [0.2119034982, 0.6806995451, 0.1073969566],
                [0.0883024619, 0.2817188376, 0.6299787005],
            ]
        ).T
    )
    return (
        np.cbrt(lms)
        @ np.array(
            [
                [0.2104542553, 0.7936177850, -0.0040720468],
                [1.9779984951, -2.4285922050, 0.4505937099],
                [0.0259040371, 0.7827717662, -0.8086757660],
            ]
        ).T
    )


def test_equal_steps_on_the_scale_look_equally_large() -> None:
    steps = np.linalg.norm(np.diff(oklab(heat.scale_colours()[::15]), axis=0), axis=1)
    assert steps.max() / steps.min() < 1.15


def test_the_scale_only_gets_lighter_so_that_it_reads_in_grey() -> None:
    lightness = oklab(heat.scale_colours())[:, 0]
    assert (np.diff(lightness[::4]) > 0).all()
    assert lightness[-1] - lightness[0] > 0.75


@given(st.floats(0.01, 1), st.floats(0.01, 5))
def test_a_share_is_where_its_value_is_on_the_scale(share: float, scale: float) -> None:
    value = heat.value_at(share, scale)
    assert float(heat.share(np.array([[value]]), scale)[0, 0]) == pytest.approx(share, abs=1e-5)


def test_the_scale_ends_at_its_value_and_begins_two_and_a_half_powers_of_ten_below() -> None:
    shares = heat.share(np.array([[0.0, 2 / 400, 2.0, 9.0]]), 2.0)
    assert shares.tolist() == [[0.0, 0.0, 1.0, 1.0]]
    assert heat.value_at(0.6, 2.0) == pytest.approx(0.2)


def test_without_a_scale_there_is_no_heat() -> None:
    assert not heat.share(np.ones((2, 2)), 0.0).any()


def test_a_larger_map_keeps_its_places_and_goes_nowhere_below_nothing() -> None:
    small = np.zeros((4, 6), np.float32)
    small[1, 4] = 1.0
    large = heat.enlarge(small, Size(60, 40))
    assert large.shape == (40, 60)
    assert large.min() == 0.0
    row, column = np.unravel_index(large.argmax(), large.shape)
    assert 10 <= row < 20
    assert 40 <= column < 50


def test_where_there_is_no_heat_the_picture_is_dim_and_grey() -> None:
    picture = Picture(np.full((2, 2, 3), (200, 100, 50), np.uint8))
    none, full = (heat.over(picture, np.full((2, 2), v, np.float32)).pixels for v in (0.0, 1.0))
    assert int(none.max()) - int(none.min()) < 40
    assert 0 < none.max() < 100
    assert (full == heat.scale_colours()[-1]).all()
