"""The Beta distribution's quantiles, so that one sigma curve does not need all of SciPy."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def quantile(p: Array, a: float, b: float) -> Array:
    """x with P(X ≤ x) = p for X ~ Beta(a, b), by bisection; p in 0…1. Good to 1e-12 absolute."""
    low, high = np.zeros_like(p), np.ones_like(p)
    for _ in range(60):
        middle = (low + high) / 2
        below = cumulative(middle, a, b) < p
        low, high = np.where(below, middle, low), np.where(below, high, middle)
    return np.where(p <= 0, 0.0, np.where(p >= 1, 1.0, (low + high) / 2))


def cumulative(x: Array, a: float, b: float) -> Array:
    """P(X ≤ x) for X ~ Beta(a, b), the regularised incomplete beta function, for 0 < x < 1."""
    # The continued fraction converges fast below the mean; above it, the mirror image does.
    mirrored = x > (a + 1) / (a + b + 2)
    y = np.where(mirrored, 1 - x, x)
    p, q = np.where(mirrored, b, a), np.where(mirrored, a, b)
    scale = math.exp(math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b))
    value = scale * y**p * (1 - y) ** q / p / _fraction(y, p, q)
    return np.asarray(np.where(mirrored, 1 - value, value))


def _fraction(x: Array, a: Array, b: Array) -> Array:
    """1 + d₁/(1 + d₂/(1 + …)), DLMF 8.17.22, from the inside out."""
    value = np.ones_like(x)
    for m in range(40, 0, -1):
        even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        odd = -(a + m - 1) * (a + b + m - 1) * x / ((a + 2 * m - 2) * (a + 2 * m - 1))
        value = 1 + odd / (1 + even / value)
    return value
