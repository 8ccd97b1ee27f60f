from __future__ import annotations

import numpy as np
import pytest

from studio.diffusion.betas import BETA_SCHEDULES, alpha_bars


@pytest.mark.parametrize("schedule", BETA_SCHEDULES)
def test_the_signal_falls_and_stays_positive(schedule: str) -> None:
    bars = alpha_bars(schedule, 0.0001, 0.02, 1000)
    assert bars.shape == (1000,)
    assert (np.diff(bars) < 0).all()
    assert 0 < bars[-1] < bars[0] < 1


def test_the_first_betas_are_the_configured_ones() -> None:
    for schedule in ("linear", "scaled_linear"):
        assert 1 - alpha_bars(schedule, 0.00085, 0.012, 1000)[0] == pytest.approx(0.00085)


def test_trained_betas_go_first() -> None:
    np.testing.assert_allclose(alpha_bars("linear", 0.1, 0.2, 2, [0.5, 0.5]), [0.5, 0.25])


def test_zero_terminal_snr_ends_at_exactly_nothing_and_keeps_the_beginning() -> None:
    plain = alpha_bars("scaled_linear", 0.00085, 0.012, 1000)
    zero = alpha_bars("scaled_linear", 0.00085, 0.012, 1000, zero_terminal_snr=True)
    assert zero[-1] == 0
    assert zero[0] == pytest.approx(plain[0])
    assert (np.diff(zero) < 0).all()
