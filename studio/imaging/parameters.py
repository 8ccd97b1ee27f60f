"""A1111's `parameters` text, the convention that most picture sites and programs read.

    prompt
    Negative prompt: …
    Steps: 20, Sampler: DDIM, CFG scale: 4, Seed: 7, Size: 256x256, Model: starter

Format and quoting after `modules/infotext_utils.py` of stable-diffusion-webui. The text is
ambiguous for prompts that look like it; the exact record is in our own JSON.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import PurePath
from typing import Any, TypeVar

from studio.core.adapters import Adapter
from studio.core.errors import BadInput
from studio.core.geometry import Size
from studio.core.prompting.speech import ROLES, said
from studio.core.recipe import MAX_SEED, Recipe
from studio.core.samplers import SAMPLERS, SIGMAS

T = TypeVar("T")

NEGATIVE = "Negative prompt:"
SETTING = re.compile(r'\s*(\w[\w \-/]+):\s*("(?:\\.|[^\\"])*"|[^,]*)(?:,|$)')
LEAST_SETTINGS = 3
"""A last line with fewer `name: value` pairs belongs to the prompt."""

THEIR_NAMES = {"euler_ancestral": "Euler a", "dpmpp_2s_ancestral": "DPM++ 2S a"}
SAMPLER_WORDS = {name: THEIR_NAMES.get(name, info.label) for name, info in SAMPLERS.items()}
SCHEDULES = {name: label for name, label in SIGMAS if name != "model"}


def format_parameters(recipe: Recipe) -> str:
    settings: dict[str, str] = {
        "Steps": str(recipe.steps),
        "Sampler": SAMPLER_WORDS.get(recipe.sampler, recipe.sampler),
    }
    if recipe.sigmas in SCHEDULES:
        settings["Schedule type"] = SCHEDULES[recipe.sigmas]
    settings |= {
        "CFG scale": f"{recipe.guidance_scale:g}",
        "Seed": str(recipe.seed),
        "Size": str(recipe.size),
        "Model": recipe.model,
    }
    if recipe.strength < 1:
        settings["Denoising strength"] = f"{recipe.strength:g}"
    if "eta" in recipe.sampler_options:
        settings["Eta"] = f"{recipe.sampler_options['eta']:g}"
    if recipe.vae:
        settings["VAE"] = PurePath(recipe.vae.replace("\\", "/")).name
    prompt, negative = (said(recipe, role) for role in ROLES)
    # There a LoRA is worn by naming it in the prompt, and in no other way.
    lines = [" ".join(filter(None, (prompt, *map(_tag, recipe.adapters))))]
    if negative:
        lines.append(f"{NEGATIVE} {negative}")
    lines.append(", ".join(f"{name}: {_quoted(value)}" for name, value in settings.items()))
    return "\n".join(lines).replace("\0", "")


def parse_parameters(text: str) -> Recipe:
    """As much of a recipe as the text says, the defaults for the rest.

    Raises BadInput if there are no settings in it, or one has no sense.
    """
    *body, last = text.strip().split("\n")
    settings = {name: _unquoted(value) for name, value in SETTING.findall(last)}
    if len(settings) < LEAST_SETTINGS:
        raise BadInput("The parameters text has no settings in it.")
    prompt, negative = _prompts(body)
    values: dict[str, Any] = {"prompt": prompt, "negative_prompt": negative}
    for name, (field, read) in FIELDS.items():
        if name in settings:
            values[field] = _read(settings, name, read)
    sampler, sigmas = _sampler(settings.get("Sampler", ""), settings.get("Schedule type", ""))
    if "Eta" in settings and any(option.name == "eta" for option in SAMPLERS[sampler].options):
        values["sampler_options"] = {"eta": _read(settings, "Eta", float)}
    return Recipe(sampler=sampler, sigmas=sigmas, **values)


def _read(settings: dict[str, str], name: str, read: Callable[[str], T]) -> T:
    try:
        return read(settings[name])
    except ValueError:
        raise BadInput(f"{name} cannot be read: {settings[name]!r}.") from None


def _prompts(lines: list[str]) -> tuple[str, str]:
    for number, line in enumerate(lines):
        if line.startswith(NEGATIVE):
            negative = [line.removeprefix(NEGATIVE).removeprefix(" "), *lines[number + 1 :]]
            return "\n".join(lines[:number]), "\n".join(negative)
    return "\n".join(lines), ""


def _sampler(words: str, schedule: str) -> tuple[str, str]:
    """Older versions put the schedule behind the sampler: "DPM++ 2M Karras"."""
    sigmas = {label.lower(): name for name, label in SCHEDULES.items()}
    first, _, last = words.rpartition(" ")
    if not schedule and last.lower() in sigmas:
        words, schedule = first, last
    names = {word.lower(): name for name, word in SAMPLER_WORDS.items()}
    return names.get(words.lower(), Recipe().sampler), sigmas.get(schedule.lower(), "model")


def _seed(text: str) -> int:
    return int(text) % (MAX_SEED + 1)


FIELDS: dict[str, tuple[str, Callable[[str], Any]]] = {
    "Steps": ("steps", int),
    "CFG scale": ("guidance_scale", float),
    "Seed": ("seed", _seed),
    "Size": ("size", Size.parse),
    "Model": ("model", str),
    "Denoising strength": ("strength", float),
}


def _tag(adapter: Adapter) -> str:
    name = PurePath(adapter.name.replace("\\", "/")).name.removesuffix(".safetensors")
    same = adapter.of_text == adapter.weight
    weight = f"{adapter.weight:g}" if same else f"{adapter.of_text:g}:{adapter.weight:g}"
    return f"<lora:{name}:{weight}>"


def _quoted(value: str) -> str:
    plain = not any(mark in value for mark in ',\n:"') and value == value.strip()
    return value if plain else json.dumps(value, ensure_ascii=False)


def _unquoted(value: str) -> str:
    if not (value.startswith('"') and value.endswith('"')):
        return value.strip()
    try:
        return str(json.loads(value))
    except ValueError:
        return value
