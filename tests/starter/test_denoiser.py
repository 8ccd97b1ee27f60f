from __future__ import annotations

import numpy as np
import pytest
import torch

from studio.starter.config import Config
from studio.starter.denoiser import (
    STEPS,
    Learner,
    alphas_cumprod,
    build_scheduler,
    build_unet,
    timesteps,
)
from studio.starter.scene import ATTRIBUTES


def test_the_schedule_goes_from_almost_clean_to_almost_noise() -> None:
    squares = alphas_cumprod(4.0)
    assert (squares.diff() < 0).all()
    assert squares[0] > 0.998
    assert 0 < squares[-1] < 1e-3


def test_the_divisor_divides_the_signal_to_noise_ratio() -> None:
    one, four = alphas_cumprod(1.0), alphas_cumprod(4.0)
    torch.testing.assert_close(one / (1 - one), 4 * four / (1 - four))


def test_the_scheduler_has_the_same_levels() -> None:
    scheduler = build_scheduler(4.0)
    torch.testing.assert_close(
        scheduler.alphas_cumprod.double(), alphas_cumprod(4.0), rtol=2e-4, atol=1e-7
    )
    scheduler.set_timesteps(20)
    assert scheduler.timesteps[0] == STEPS - 1


def test_timesteps_cover_all_stretches() -> None:
    t = timesteps(np.random.default_rng(0), 50)
    assert sorted((t // 20).tolist()) == list(range(50))


def test_a_perfect_v_has_no_loss_and_objects_weigh_more(tiny: Config) -> None:
    torch.manual_seed(0)
    config = tiny.denoiser
    learner = Learner(config, build_unet(config, 4, 4, 16))
    x0, noise = torch.randn(2, 4, 4, 4), torch.randn(2, 4, 4, 4)
    t = torch.tensor([600, 900])
    answers = torch.zeros(2, len(ATTRIBUTES), dtype=torch.long)
    sky, building = torch.zeros(2, 8, 8, dtype=torch.uint8), torch.full((2, 8, 8), 6)
    square = alphas_cumprod(config.snr_divisor).float()[t][:, None, None, None]
    v = square.sqrt() * noise - (1 - square).sqrt() * x0

    class Oracle(Learner):
        off = 0.0

        def forward(self, x, t, context):  # type: ignore[no-untyped-def]
            _, scores, parts = super().forward(x, t, context)
            return v + self.off, scores, parts

    learner.__class__ = Oracle
    context = torch.zeros(2, 5, 16)
    main, names, where = learner.losses(x0, noise, t, context, answers, sky)
    assert main.item() < 1e-10
    assert names.item() > 0
    assert where.item() > 0
    Oracle.off = 1.0
    plain, _, _ = learner.losses(x0, noise, t, context, answers, sky)
    objects, _, _ = learner.losses(x0, noise, t, context, answers, building)
    extra = (config.weight_objects - 1) * square
    torch.testing.assert_close(objects, plain * (1 + extra).mean(), rtol=1e-4, atol=0)


def test_pure_noise_is_weighed_alike_and_a_clean_picture_is_not(tiny: Config) -> None:
    """A weight that depends on what is hidden would make it likelier than it is."""
    torch.manual_seed(0)
    learner = Learner(tiny.denoiser, build_unet(tiny.denoiser, 4, 4, 16))
    x0, noise = torch.randn(2, 1, 4, 4, 4).unbind()
    sky, building = torch.zeros(1, 8, 8, dtype=torch.uint8), torch.full((1, 8, 8), 6)
    answers, context = torch.zeros(1, len(ATTRIBUTES), dtype=torch.long), torch.zeros(1, 5, 16)
    for t, times in ((STEPS - 1, 1.0), (0, tiny.denoiser.weight_objects)):
        told = torch.tensor([t])
        plain, _, _ = learner.losses(x0, noise, told, context, answers, sky)
        objects, _, _ = learner.losses(x0, noise, told, context, answers, building)
        assert objects.item() == pytest.approx(times * plain.item(), rel=2e-3)
