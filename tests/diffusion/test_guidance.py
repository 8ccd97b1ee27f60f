from __future__ import annotations

import pytest
import torch
from diffusers.pipelines.stable_diffusion.pipeline_stable_diffusion import rescale_noise_cfg

from studio.diffusion.guidance import guide
from studio.diffusion.levels import Level
from studio.diffusion.prediction import KINDS, to_x0


def pair() -> tuple[torch.Tensor, torch.Tensor]:
    c, u = torch.randn(2, 3, 4, 5, 5, generator=torch.Generator().manual_seed(0)).double()
    return c, u


def test_one_is_the_prompt_alone_and_zero_is_none() -> None:
    c, u = pair()
    torch.testing.assert_close(guide(c, u, 1.0), c)
    assert torch.equal(guide(c, u, 0.0), u)


def test_the_papers_convention_has_a_scale_one_less() -> None:
    c, u = pair()
    w = 6.5
    torch.testing.assert_close(guide(c, u, 1 + w), (1 + w) * c - w * u)


@pytest.mark.parametrize("kind", KINDS)
def test_guiding_the_outputs_is_guiding_x0(kind: str) -> None:
    c, u = pair()
    x, level = torch.ones_like(c), Level(0.6, 0.8, 500.0)
    outside = to_x0(kind, guide(c, u, 7.5), x, level)
    inside = guide(to_x0(kind, c, x, level), to_x0(kind, u, x, level), 7.5)
    torch.testing.assert_close(outside, inside)


@pytest.mark.parametrize("rescale", [0.3, 0.7, 1.0])
def test_rescale_agrees_with_diffusers_on_the_same_tensors(rescale: float) -> None:
    c, u = pair()
    wanted = rescale_noise_cfg(guide(c, u, 9.0), c, guidance_rescale=rescale)
    torch.testing.assert_close(guide(c, u, 9.0, rescale), wanted)


def test_full_rescale_gives_each_image_the_prompts_deviation() -> None:
    c, u = pair()
    guided = guide(c, u, 12.0, 1.0)
    torch.testing.assert_close(guided.std(dim=(1, 2, 3)), c.std(dim=(1, 2, 3)))


def test_a_flat_picture_stays_finite() -> None:
    flat = torch.ones(1, 3, 4, 4)
    assert torch.equal(guide(flat, 0 * flat, 2.0, 0.5), 2 * flat)
