from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.core.adapters import Adapter
from studio.core.errors import BadInput
from studio.core.geometry import Size
from studio.core.recipe import Recipe
from studio.core.samplers import SAMPLERS, SIGMAS
from studio.imaging.parameters import format_parameters, parse_parameters

LINES = st.text(st.characters(codec="utf-8", exclude_categories=("Cc",)), max_size=40) | (
    st.sampled_from(['Steps: 3, "x"', "Steps: 3, Seed: 4, Size: 5x6", "a, b: c", "(red:1.2)"])
)
PROMPTS = st.lists(LINES, max_size=3).map("\n".join).map(str.strip)


def test_it_is_written_as_a1111_does():
    recipe = Recipe(prompt="a lighthouse\nat sea", negative_prompt="fog", seed=7, strength=0.5)
    assert format_parameters(recipe) == (
        "a lighthouse\nat sea\nNegative prompt: fog\n"
        "Steps: 20, Sampler: DDIM, CFG scale: 4, Seed: 7, Size: 256x256, Model: starter,"
        " Denoising strength: 0.5"
    )


def test_loras_are_named_as_a1111_names_them():
    worn = (Adapter("styles/ink", 0.8), Adapter("/l/oil.safetensors", 0.9, 0.6))
    text = format_parameters(Recipe(prompt="a boat", adapters=worn, vae="/v/soft.safetensors"))
    assert text.splitlines()[0] == "a boat <lora:ink:0.8> <lora:oil:0.6:0.9>"
    assert text.endswith(", VAE: soft.safetensors")
    assert format_parameters(Recipe(adapters=worn[:1])).startswith("<lora:ink:0.8>\n")


@given(
    PROMPTS,
    PROMPTS,
    st.sampled_from(list(SAMPLERS)),
    st.sampled_from([name for name, _ in SIGMAS]),
    LINES.map(str.strip).filter(bool),
)
def test_what_is_written_is_read_again(prompt, negative, sampler, sigmas, model):
    recipe = Recipe(
        prompt=prompt.removeprefix("Negative prompt:").strip(),
        negative_prompt=negative,
        sampler=sampler,
        sigmas=sigmas,
        model=model,
        guidance_scale=7.5,
        size=Size(64, 96),
    )
    assert parse_parameters(format_parameters(recipe)) == recipe


def test_a_line_of_settings_made_elsewhere_is_read():
    recipe = parse_parameters(
        "cat (sitting:1.1),\nblue\nNegative prompt: dog,\nrain\n"
        "Steps: 30, Sampler: DPM++ 2M Karras, CFG scale: 7, Seed: 4294967297, Size: 512x768, "
        'Model hash: abc, Model: v1-5, Lora hashes: "a: b, c: d", Version: v1.6.0'
    )
    assert recipe == Recipe(
        prompt="cat (sitting:1.1),\nblue",
        negative_prompt="dog,\nrain",
        steps=30,
        sampler="dpmpp_2m",
        sigmas="karras",
        guidance_scale=7.0,
        seed=1,
        size=Size(512, 768),
        model="v1-5",
    )


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a prompt",
        "a\nSteps: 2",
        "a\nSteps: x, Seed: 1, Size: 1x1",
        "a\nSteps: 1, Sampler: DDIM, Seed: 3, Eta: much",
    ],
)
def test_text_without_sense_is_refused(text):
    with pytest.raises(BadInput):
        parse_parameters(text)
