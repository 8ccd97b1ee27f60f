import pytest
import torch

from studio.diffusion.state import State, Step
from studio.engine.measures import measure


def step(index: int, shade: float, parts: tuple[torch.Tensor, ...] = ()) -> Step:
    x = torch.full((2, 4, 8, 8), shade)
    return Step(State(index, x), x, State(index + 1, x), parts)


def test_the_first_step_changed_nothing_and_a_later_one_what_it_did() -> None:
    first, second = step(0, 1.0), step(1, 1.0)
    second.x0[1] += 3.0
    assert measure(first, None).change == (0.0, 0.0)
    assert measure(second, first).change == pytest.approx((0.0, 3.0))


def test_guidance_is_the_distance_of_the_two_predictions_and_nothing_without_them() -> None:
    parts = torch.zeros(2, 4, 8, 8).half(), torch.full((2, 4, 8, 8), -0.5).half()
    assert measure(step(0, 1.0), None).guidance == ()
    assert measure(step(0, 1.0, parts), None).guidance == (0.5, 0.5)
