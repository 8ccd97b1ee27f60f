"""From a recipe's prompts as they were typed to what each picture of its batch is told."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from studio.core.prompting.said import Said, found
from studio.core.prompting.tags import tags, taken_out
from studio.core.prompting.traced import Traced
from studio.core.prompting.wildcards import Lines, choose, has_wildcards
from studio.core.recipe import Recipe

ROLES = ("prompt", "negative_prompt")

Known = Callable[[str], bool]
"""Whether there is a LoRA of that name."""


def resolved(recipe: Recipe, lines: Lines) -> Recipe:
    """The recipe with what each of its seeds makes of each of its prompts, those of its edits too.

    What it says already stays, whatever `lines` has by now.
    """
    kept = list(recipe.said)
    for role, typed in dict.fromkeys(_prompts(recipe)):
        for image in range(recipe.batch if has_wildcards(typed) else 0):
            seed = recipe.single(image).seed
            if found(kept, role, seed, typed) is None:
                kept.append(Said(role, seed, typed, choose(typed, seed, role, lines).text))
    return replace(recipe, said=tuple(kept))


def spoken(recipe: Recipe, image: int, known: Known) -> Recipe:
    """The recipe of one picture of a `resolved` one, as a model is told it: prompts without
    wildcards, and without the tags of LoRAs, which are among its adapters instead."""
    alone = recipe.single(image)
    prompt, negative = (said(alone, role) for role in ROLES)
    words, worn = taken_out(Traced.typed(prompt), known)
    adapters = (*alone.adapters, *worn)
    return replace(alone, prompt=words.text, negative_prompt=negative, adapters=adapters)


def unknown(recipe: Recipe, known: Known) -> tuple[str, ...]:
    """The names of LoRAs that the prompts ask for and that there are none of."""
    texts = [said(recipe.single(image), "prompt") for image in range(recipe.batch)]
    names = dict.fromkeys(tag.adapter.name for text in texts for tag in tags(text))
    return tuple(name for name in names if not known(name))


def said(alone: Recipe, role: str) -> str:
    """What one picture's recipe says in a field, wildcards chosen; tags of LoRAs are in it."""
    typed: str = getattr(alone, role)
    text = found(alone.said, role, alone.seed, typed)
    return typed if text is None else text


def _prompts(recipe: Recipe) -> Iterator[tuple[str, str]]:
    for role in ROLES:
        yield role, getattr(recipe, role)
        for edit in recipe.edits:
            if role in edit.changes:
                yield role, str(edit.changes[role])
