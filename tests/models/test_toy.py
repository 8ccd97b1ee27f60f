import numpy as np
import pytest
import torch

from studio.core.geometry import Size
from studio.core.recipe import Recipe
from studio.core.samplers import SAMPLERS
from studio.diffusion.levels import Level
from studio.diffusion.loop import start, walk
from studio.diffusion.noise import Noise
from studio.diffusion.state import State, plain
from studio.models.toy import COLOURS, SPREAD, Toy

SIZE = Size(32, 24)


@pytest.fixture(scope="module")
def toy() -> Toy:
    return Toy(torch.device("cpu"))


@pytest.mark.parametrize("sampler", sorted(SAMPLERS))
def test_every_sampler_lands_on_the_colour_of_the_prompt(toy: Toy, sampler: str) -> None:
    recipe = Recipe(sampler=sampler, steps=20)
    schedule = toy.schedule(recipe, SIZE)
    noise = Noise([3], toy.latent_shape(SIZE))
    condition = toy.condition("a blue picture", Recipe())
    x = start(None, noise.start(), schedule.levels[0], schedule.noise_scale)
    steps = walk(
        plain(lambda x, level: toy.predict(x, level, [condition])[0]),
        schedule,
        sampler,
        recipe.options(),
        State(0, x),
        noise,
    )
    end = list(steps)[-1].after.x
    top = end[0, :, 0].mean(dim=1)
    assert torch.allclose(top, torch.tensor(COLOURS["blue"]), atol=4 * SPREAD)


def test_without_noise_the_prediction_is_the_sample(toy: Toy) -> None:
    x = torch.randn(1, 3, 4, 4, generator=torch.Generator().manual_seed(0))
    (x0,) = toy.predict(x, Level(1.0, 1e-6, 0.0), [toy.condition("red", Recipe())])
    assert torch.allclose(x0, x, atol=1e-4)


def test_from_noise_alone_the_prediction_is_the_mean_of_what_is_possible(toy: Toy) -> None:
    x = torch.randn(1, 3, 4, 4, generator=torch.Generator().manual_seed(0))
    (x0,) = toy.predict(x, Level(0.0, 1.0, 999.0), [toy.condition("red white", Recipe())])
    wanted = (torch.tensor(COLOURS["red"]) + torch.tensor(COLOURS["white"])) / 2
    assert torch.allclose(x0[0, :, 0, 0], wanted, atol=1e-5)


def test_decoding_undoes_encoding_for_a_flat_picture(toy: Toy) -> None:
    flat = torch.full((1, 3, 16, 16), 0.25)
    assert torch.allclose(toy.decode(toy.encode(flat)), flat)
    assert toy.preview(toy.encode(flat)).shape == (1, 3, 2, 2)


def test_the_abilities_fit_the_shapes(toy: Toy) -> None:
    size = toy.info.abilities.native_size
    channels, height, width = toy.latent_shape(size)
    picture = toy.decode(torch.zeros(1, channels, height, width))
    assert np.array_equal(picture.shape[-2:], (size.height, size.width))
