"""What is asked of the engine: a recipe and three independent inputs instead of a mode.

|                          | source    | mask                 | fork        |
| ------------------------ | --------- | -------------------- | ----------- |
| text to image            | –         | –                    | –           |
| image to image           | picture   | –                    | –           |
| inpaint                  | picture   | mask                 | –           |
| outpaint (recipe.extend) | picture   | – or mask            | –           |
| branch from a step       | inherited | inherited or changed | (run, step) |
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from studio.core.errors import BadInput
from studio.core.original import Original
from studio.core.picture import Mask, Picture
from studio.core.recipe import MAX_STEPS, Recipe
from studio.core.saving import Saving


@dataclass(frozen=True)
class Fork:
    """Start from the noisy sample before step `step` of run `run`.

    The step behind the last one that was taken goes too: on from where the run was stopped.
    `folder` is where that run's trajectory was written, for a run that is not in memory. `rest`:
    how many steps are left from there, whatever the recipe says; 0 leaves that to the recipe.
    """

    run: str
    step: int
    folder: Path | None = None
    rest: int = 0


@dataclass(frozen=True)
class Request:
    """`material` marks where a fill may take from (see `studio.core.material`).

    `source_name` is what to call the source in the record. `out` is where the picture goes
    instead of the library's folder, `trajectory` a folder for every step's x̂0 and tensors.
    `saving` and `original`, the photo that `source` was opened from, say how, with `out`.
    `scratch`: nobody will look at the steps later, so they need not be written to disk. `until`:
    only the steps before this one are wanted, and no picture."""

    recipe: Recipe
    source: Picture | None = None
    mask: Mask | None = None
    fork: Fork | None = None
    source_name: str = ""
    out: Path | None = None
    saving: Saving = field(default_factory=Saving)
    original: Original | None = None
    trajectory: Path | None = None
    scratch: bool = False
    until: int | None = None
    material: Mask | None = None

    def check(self) -> Self:
        """This request, or BadInput with one sentence about what cannot work."""
        self.recipe.check()
        if self.fork is not None and not 0 <= self.fork.rest < MAX_STEPS:
            raise BadInput(f"Steps for the rest must be from 1 to {MAX_STEPS - 1}.")
        if self.recipe.extend and self.source is None and self.fork is None:
            raise BadInput("Margins need a picture.", "Open the picture that is to be extended.")
        if self.material is not None and self.fork is None:
            if self.source is None or not (self.mask or self.recipe.extend):
                raise BadInput(
                    "Where to take material from is a matter of fills.",
                    "Open a picture and paint over what is to be replaced.",
                )
            if self.material.size != self.source.size:
                raise BadInput(
                    f"What marks the material is {self.material.size} and the picture "
                    f"{self.source.size}.",
                    "Use masks of the picture's size.",
                )
        if self.mask is not None and self.fork is None:
            if self.source is None:
                raise BadInput("A mask needs a picture.", "Open the picture it was painted on.")
            if self.mask.size != self.source.size:
                raise BadInput(
                    f"The mask is {self.mask.size} and the picture {self.source.size}.",
                    "Use a mask of the picture's size.",
                )
            if self.mask.empty:
                raise BadInput("The mask is empty.", "Paint over what is to be replaced.")
        return self
