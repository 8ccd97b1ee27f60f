"""A denoiser that starts from another's weights."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import torch

from studio.starter.config import DenoiserConfig
from studio.starter.denoiser import build_unet
from studio.starter.inherit import inherit

SMALL = DenoiserConfig(channels=(16, 24, 16), heads=2, time_width=32, norm_groups=4)


def unet(config: DenoiserConfig, channels: int, side: int, seed: int) -> Any:
    torch.manual_seed(seed)
    return build_unet(config, channels, side, 16)


def test_one_built_alike_becomes_the_same() -> None:
    mine, known = unet(SMALL, 8, 8, 0), unet(SMALL, 8, 8, 1)
    inherit(mine, known)
    theirs = known.state_dict()
    assert all(torch.equal(w, theirs[name]) for name, w in mine.state_dict().items())


def test_inner_levels_are_kept_and_outer_ones_stay_new() -> None:
    large = replace(SMALL, channels=(8, 16, 24, 16))
    mine, untouched = unet(large, 4, 16, 0), unet(large, 4, 16, 0)
    known = unet(SMALL, 16, 8, 1)
    inherit(mine, known)
    theirs, before, after = known.state_dict(), untouched.state_dict(), mine.state_dict()
    for name, weight in after.items():
        if name.startswith("mid_block."):
            assert torch.equal(weight, theirs[name])
        elif name.startswith(("conv_in", "conv_out", "down_blocks.0.", "up_blocks.3.")):
            assert torch.equal(weight, before[name])
    # Inner levels count from the innermost, on both ways.
    down = "resnets.0.conv2.weight"
    assert torch.equal(after[f"down_blocks.3.{down}"], theirs[f"down_blocks.2.{down}"])
    assert torch.equal(after[f"up_blocks.2.{down}"], theirs[f"up_blocks.2.{down}"])
    # What reads the new level's channels as well keeps the part that it knew, and no other.
    for name in ("conv1.weight", "conv_shortcut.weight", "norm1.weight", "norm1.bias"):
        joint = f"up_blocks.2.resnets.1.{name}"
        axis = after[joint].ndim > 1
        known_part, new_part = after[joint].split([16, 8], dim=int(axis))
        assert torch.equal(known_part, theirs[joint].split([16, 16], dim=int(axis))[0])
        assert torch.equal(new_part, before[joint].split([16, 8], dim=int(axis))[1])
    # What reads nothing else stays as new as they are.
    name = "down_blocks.1.resnets.0.conv1.weight"
    assert torch.equal(after[name], before[name])
    with torch.no_grad():
        v = mine(torch.zeros(2, 4, 16, 16), torch.tensor([3, 900]), torch.zeros(2, 5, 16)).sample
    assert v.shape == (2, 4, 16, 16)
    assert bool(v.isfinite().all())


def test_channels_that_mean_something_else_are_not_taken_for_the_same() -> None:
    """A new outer level as wide as the latents' old layer: equal shapes, other contents."""
    mine, untouched = (unet(replace(SMALL, channels=(16, 16, 24, 16)), 4, 16, 0) for _ in "ab")
    known = unet(SMALL, 16, 8, 1)
    inherit(mine, known)
    theirs, before, after = known.state_dict(), untouched.state_dict(), mine.state_dict()
    name = "down_blocks.1.resnets.0.conv1.weight"
    assert after[name].shape == theirs["down_blocks.0.resnets.0.conv1.weight"].shape
    assert torch.equal(after[name], before[name])
    joint = "up_blocks.2.resnets.1.conv1.weight"
    assert after[joint].shape == theirs[joint].shape
    assert torch.equal(after[joint][:, :16], theirs[joint][:, :16])
    assert torch.equal(after[joint][:, 16:], before[joint][:, 16:])


def test_other_latents_leave_the_layers_beside_them_new() -> None:
    mine, untouched, known = unet(SMALL, 4, 8, 0), unet(SMALL, 4, 8, 0), unet(SMALL, 8, 8, 1)
    inherit(mine, known)
    assert torch.equal(mine.conv_in.weight, untouched.conv_in.weight)
    inner = [net.down_blocks[0].resnets[0].conv1.weight for net in (mine, known)]
    assert torch.equal(*inner)


def test_both_tell_the_time_alike() -> None:
    wide = replace(SMALL, channels=(64, 16, 16))  # 64 waves, to be told with 32
    mine, known = unet(replace(wide, channels=(32, 64, 16, 16)), 4, 16, 0), unet(wide, 16, 8, 1)
    t = torch.arange(0, 1000, 7)

    def told(net: Any) -> torch.Tensor:
        with torch.no_grad():
            return net.time_embedding(net.time_proj(t))  # type: ignore[no-any-return]

    apart = (told(mine) - told(known)).square().mean().sqrt()
    inherit(mine, known)
    assert (told(mine) - told(known)).square().mean().sqrt() < 0.5 * apart


def test_more_levels_do_not_fit_into_fewer() -> None:
    with pytest.raises(ValueError, match="4 levels do not fit into 3"):
        inherit(unet(SMALL, 4, 8, 0), unet(replace(SMALL, channels=(8, 16, 24, 16)), 4, 16, 1))


def test_another_width_of_the_time_does_not_fit() -> None:
    with pytest.raises(ValueError, match="the time is 32 numbers wide, not 64"):
        inherit(unet(replace(SMALL, time_width=64), 4, 8, 0), unet(SMALL, 4, 8, 1))
