from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from studio.diffusion.beta_distribution import cumulative, quantile


@pytest.mark.parametrize(("a", "b"), [(0.6, 0.6), (2.0, 5.0), (0.5, 3.0), (1.0, 1.0)])
def test_agrees_with_scipy(a: float, b: float) -> None:
    p = np.linspace(0, 1, 101)
    np.testing.assert_allclose(quantile(p, a, b), stats.beta.ppf(p, a, b), atol=1e-12)
    x = np.linspace(0.001, 0.999, 101)
    np.testing.assert_allclose(cumulative(x, a, b), stats.beta.cdf(x, a, b), atol=1e-12)
