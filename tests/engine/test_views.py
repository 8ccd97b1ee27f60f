"""Every view of a step against the tensors that are kept, for every kind of noise level."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from studio.core.errors import BadInput
from studio.core.events import Plan
from studio.core.geometry import Box, Size
from studio.core.picture import Mask, Picture
from studio.core.recipe import Recipe
from studio.core.record import Record
from studio.core.wishes import VIEWS, Look, View
from studio.diffusion.levels import Level
from studio.diffusion.state import State, Step
from studio.engine import views
from studio.engine.trajectory import Trajectory
from studio.imaging.heat import scale_colours
from studio.imaging.inlay import Inlay
from studio.models.preview import LinearPreview
from studio.models.toy import Toy

LEVELS = {
    "variance preserving": tuple(Level(float(np.cos(a)), float(np.sin(a)), 0) for a in (1.4, 1.0)),
    "variance exploding": (Level(1.0, 40.0, 0), Level(1.0, 5.0, 0)),
    "flow": (Level(0.05, 0.95, 0), Level(0.4, 0.6, 0)),
}
SIZE = (2, 3, 4, 6)
NAMES = [name for name, _, _ in VIEWS]


def trajectory(
    kind: str = "variance preserving", guided: bool = True, masked: bool = False
) -> Trajectory:
    """Two steps of two pictures, of random tensors that fit together."""
    draw = torch.Generator().manual_seed(3)
    levels = (*LEVELS[kind], Level(1.0, 0.0, 0))
    rng = np.random.default_rng(0)
    made = Trajectory("run", Record(Recipe(batch=2)), levels, levels[1:], 0)
    made.preview = LinearPreview.plain(3)
    if masked:
        made.source = Picture(rng.integers(0, 255, (90, 120, 3), np.uint8))
        mask = np.zeros((90, 120), np.uint8)
        mask[40:50, 50:70] = 255
        made.mask = Mask(mask)
        made.plan = Plan(Box(36, 29, 48, 32), Size(48, 32), 2)
    for index in range(2):
        x0, noise, without = (torch.randn(SIZE, generator=draw) for _ in range(3))
        level = levels[index]
        before = State(index, level.alpha * x0 + level.sigma * noise)
        parts = (without, without + 0.5 * noise) if guided else ()
        made.add(Step(before, x0, State(index + 1, x0), parts), 0.1)
    return made


@pytest.mark.parametrize("kind", LEVELS)
def test_the_noise_seen_is_what_is_left_of_x(kind: str) -> None:
    run = trajectory(kind)
    for index in range(2):
        x, x0, noise = (views.latents(run, index, 1, view) for view in ("x", "x0", "noise"))
        level = run.levels[index]
        mixed = level.alpha * x0 + level.sigma * noise
        torch.testing.assert_close(mixed, run.at(index).before.x[1:2], rtol=1e-4, atol=1e-4)
        size = (level.alpha**2 + level.sigma**2) ** 0.5
        torch.testing.assert_close(x * size, run.at(index).before.x[1:2], rtol=1e-5, atol=1e-5)


def test_x_is_brought_to_a_deviation_that_can_be_seen() -> None:
    run = trajectory("variance exploding")
    assert run.at(0).before.x.std() > 20
    assert 0.7 < views.latents(run, 0, 0, "x").std() < 1.3


def test_both_guided_parts_can_be_seen_and_their_difference() -> None:
    run = trajectory()
    without, given = (views.latents(run, 1, 0, view) for view in ("unprompted", "prompted"))
    wanted = (given - without)[0].square().mean(dim=0).sqrt()
    torch.testing.assert_close(views.amount(run, 1, 0, "guidance"), wanted)


@pytest.mark.parametrize("view", ["guidance", "change"])
def test_the_map_has_the_root_mean_square_that_the_step_tells(view: View) -> None:
    run = trajectory()
    for image in range(2):
        seen = float(views.amount(run, 1, image, view).square().mean().sqrt())
        told = getattr(run.measures[1], view)[image]
        assert seen == pytest.approx(told, rel=1e-3)


def test_nothing_has_changed_before_the_first_step() -> None:
    assert not views.amount(trajectory(), 0, 0, "change").any()


def test_all_steps_share_one_scale() -> None:
    run = trajectory()
    ends = [views.quick(run, Look("run", index, view="guidance"))[1] for index in range(2)]
    largest = max(measures.guidance[0] for measures in run.measures)
    assert ends == pytest.approx([views.ROOM * largest] * 2)


@pytest.mark.parametrize("view", ["prompted", "unprompted", "guidance"])
def test_without_guidance_there_is_nothing_with_and_without(view: View) -> None:
    with pytest.raises(BadInput, match="without guidance"):
        views.quick(trajectory(guided=False), Look("run", 0, view=view))


def test_a_step_that_was_not_taken_cannot_be_seen() -> None:
    with pytest.raises(BadInput, match="no step 7"):
        views.quick(trajectory(), Look("run", 7))


@pytest.mark.parametrize("view", NAMES)
def test_every_view_is_a_picture_small_at_once_and_large_later(view: View) -> None:
    run, toy = trajectory(), Toy(torch.device("cpu"))
    small, end = views.quick(run, Look("run", 1, 1, view))
    large, same_end = views.exact(run, Look("run", 1, 1, view), toy)
    assert (small.size, large.size) == (Size(6, 4), Size(48, 32))
    assert end == same_end
    assert (end > 0) == (view in ("guidance", "change"))
    assert large.pixels.std() > 5


def test_a_pure_heat_map_has_colours_of_the_scale_only() -> None:
    picture, _ = views.quick(trajectory(), Look("run", 1, view="change", pure=True))
    scale = {tuple(colour) for colour in scale_colours().tolist()}
    assert {tuple(pixel) for row in picture.pixels.tolist() for pixel in row} <= scale


@pytest.mark.parametrize("view", NAMES)
def test_with_a_mask_it_is_seen_at_its_place_and_nothing_else_is_touched(view: View) -> None:
    run = trajectory(masked=True)
    assert run.source is not None
    assert run.mask is not None
    assert run.plan is not None
    large, _ = views.exact(run, Look("run", 1, 0, view), Toy(torch.device("cpu")))
    changed = (large.pixels != run.source.pixels).any(axis=2)
    box = run.plan.box
    outside = np.ones_like(changed)
    outside[box.rows, box.columns] = False
    assert changed.any()
    assert not (changed & outside).any()
    corner = changed[box.y, box.x]
    assert bool(corner) == (view not in ("x0", "prompted", "unprompted"))
    small, _ = views.quick(run, Look("run", 1, 0, view), Inlay(run.source, run.mask, run.plan))
    assert small.size == run.source.size
