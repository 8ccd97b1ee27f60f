from __future__ import annotations

import numpy as np
import pytest

from studio.core.samplers import SIGMAS
from studio.diffusion.sigmas import CURVES


def test_every_named_curve_is_there() -> None:
    assert ["model", *CURVES] == [name for name, _ in SIGMAS]


@pytest.mark.parametrize("curve", CURVES)
@pytest.mark.parametrize("steps", [1, 2, 17])
def test_it_falls_from_the_largest_to_the_smallest(curve: str, steps: int) -> None:
    sigmas = CURVES[curve](14.6, 0.03, steps)
    assert len(sigmas) == steps
    assert sigmas[0] == pytest.approx(14.6)
    if steps > 1:
        assert sigmas[-1] == pytest.approx(0.03)
        assert (np.diff(sigmas) < 0).all()


def test_karras_is_even_in_the_seventh_root_and_exponential_in_the_logarithm() -> None:
    roots = CURVES["karras"](80.0, 0.002, 10) ** (1 / 7)
    np.testing.assert_allclose(np.diff(roots), np.diff(roots)[0])
    logs = np.log(CURVES["exponential"](80.0, 0.002, 10))
    np.testing.assert_allclose(np.diff(logs), np.diff(logs)[0])
