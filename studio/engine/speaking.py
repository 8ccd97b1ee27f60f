"""What the engine knows that prompts can name: files of wildcards, and LoRAs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from studio.core.events import Warned
from studio.core.model_file import Role
from studio.core.prompting.speech import Known, resolved, spoken, unknown
from studio.core.recipe import Recipe
from studio.library.library import Library
from studio.library.wildcards import Wildcards
from studio.models.adapters.finding import WORDS
from studio.models.adapters.wardrobe import has_wardrobe, knows, recorded, wear
from studio.models.family import Family


def with_said(recipe: Recipe, library: Library, before: Recipe | None = None) -> Recipe:
    """The recipe with what its seeds make of its wildcards. `before`: that of the run it branches
    from, which has said what they made of the same prompt."""
    if before is not None:
        recipe = replace(recipe, said=tuple(dict.fromkeys((*recipe.said, *before.said))))
    return resolved(recipe, Wildcards(library.folders.wildcards).lines)


def knower(family: Family, recipe: Recipe) -> Known:
    """Which LoRAs a prompt of this run can name: those there are, and those that the picture was
    made with when it is made again, gone or not."""
    return lambda name: f"{WORDS[Role.LORA]}/{name}" in recipe.files or knows(family, name)


def with_files(family: Family, recipe: Recipe, now: Recipe) -> Recipe:
    """The recipe with the hashes of the LoRAs that its pictures wear as things are `now`.

    Raises StudioError if one of them cannot be worn.
    """
    known = knower(family, recipe)
    for adapters in {spoken(now, image, known).adapters: None for image in range(now.batch)}:
        wear(family, replace(now, adapters=adapters))
        recipe = recorded(family, recipe)
    return recipe


def not_understood(family: Family, recipe: Recipe, run: str) -> Iterator[Warned]:
    """What to tell the person of LoRAs that a prompt names and that cannot be worn."""
    takes = has_wardrobe(family)
    for name in unknown(recipe, knower(family, recipe)):
        what = f"There is no LoRA named {name}" if takes else f"{family.info.title} takes no LoRAs"
        yield Warned(
            run,
            f"{what}: its tag is read as words.",
            "Correct its name, or put its file with your LoRAs." if takes else "Leave it out.",
        )
