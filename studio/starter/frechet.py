"""How far apart two sets of pictures are: in the features of the probe, or in their latents.

The Fréchet distance between two Gaussians (Dowson & Landau 1982), as Heusel et al. (2017) take it
between sets of pictures. Here it is taken in the features of a network that reads this app's own
scenes, which sees what is there, and in patches of latents, which show how it is drawn. Numbers
from here compare with each other and with nothing elsewhere.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from numpy.lib.stride_tricks import sliding_window_view

Array = npt.NDArray[np.float64]
COMPONENTS = 32
"""Fewer than the pictures of a set by far: covariances of more could not be told from noise."""

PATCH = 8
"""Side of a patch in latents, a quarter of the picture's: 256 numbers of 4 channels, whose
covariance some thousand patches can tell. Whole latents would take a hundred thousand pictures."""


def patches(latents: npt.NDArray[np.floating], side: int = PATCH) -> Array:
    """Squares of `side` cells, one every half a side, of latents (n, c, h, w): c·side² numbers.

    They overlap: too few patches make every distance larger, and the more so the more the pictures
    differ, which would count against the samplers that add noise. Latents smaller than `side` are
    one patch each.
    """
    side = min(side, *latents.shape[2:])
    stride = max(1, side // 2)
    windows = sliding_window_view(latents, (side, side), axis=(2, 3))[:, :, ::stride, ::stride]
    return windows.transpose(0, 2, 3, 1, 4, 5).reshape(-1, latents.shape[1] * side**2).astype(float)


@dataclass(frozen=True)
class Space:
    """The first principal components (k, features) of what renders look like, and their mean."""

    mean: Array
    axes: Array

    @classmethod
    def of(cls, features: npt.NDArray[np.floating], count: int = COMPONENTS) -> Space:
        """From the features (n, features) of many renders; each axis is scaled to variance 1."""
        x = np.asarray(features, dtype=np.float64)
        mean = x.mean(axis=0)
        values, vectors = np.linalg.eigh(np.cov(x - mean, rowvar=False))
        chosen = np.argsort(values)[::-1][:count]
        return cls(mean, (vectors[:, chosen] / np.sqrt(np.maximum(values[chosen], 1e-12))).T)

    def __call__(self, features: npt.NDArray[np.floating]) -> Array:
        """Coordinates (n, k)."""
        moved: Array = (np.asarray(features, dtype=np.float64) - self.mean) @ self.axes.T
        return moved


def frechet(one: Array, other: Array) -> float:
    """|m₁ − m₂|² + tr(C₁ + C₂ − 2·(C₁C₂)^½) of two sets of points (n, k); 0 for equal ones.

    The trace of the root is the sum of the roots of the eigenvalues of C₁^½·C₂·C₁^½.
    """
    apart = one.mean(axis=0) - other.mean(axis=0)
    c1, c2 = np.cov(one, rowvar=False), np.cov(other, rowvar=False)
    values, vectors = np.linalg.eigh(c1)
    root = (vectors * np.sqrt(np.maximum(values, 0))) @ vectors.T
    inner = np.linalg.eigvalsh(root @ c2 @ root)
    shared = np.sqrt(np.maximum(inner, 0)).sum()
    return float(apart @ apart + np.trace(c1) + np.trace(c2) - 2 * shared)
