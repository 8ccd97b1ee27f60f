from __future__ import annotations

import math

import pytest

from studio.diffusion.levels import Level


def test_ratio_and_log_snr_of_a_level_between() -> None:
    level = Level(0.6, 0.8, 500.0)
    assert level.ratio == pytest.approx(4 / 3)
    assert level.log_snr == pytest.approx(math.log(0.36 / 0.64))


def test_pure_noise_and_a_clean_sample_are_the_ends() -> None:
    assert Level(0.0, 1.0, 999.0).ratio == math.inf
    assert Level(0.0, 1.0, 999.0).log_snr == -math.inf
    assert Level(1.0, 0.0, 0.0).ratio == 0.0
    assert Level(1.0, 0.0, 0.0).log_snr == math.inf
