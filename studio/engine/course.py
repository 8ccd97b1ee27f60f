"""What a run does at its next step, worked out anew whenever it is changed on its way."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from torch import Tensor

from studio.core.edits import Edit
from studio.core.errors import BadInput
from studio.core.events import Plan
from studio.core.geometry import Box
from studio.core.picture import Mask
from studio.core.recipe import Recipe
from studio.core.record import Asset
from studio.diffusion.loop import walk
from studio.diffusion.state import Predict, State, Step
from studio.engine.fill import Latents, latents_of, lined_mask
from studio.engine.helm import Change, with_edit
from studio.engine.pixels import to_latent_mask
from studio.engine.prepare import Prepared, predictor
from studio.imaging.masks import bounds
from studio.library.library import Library
from studio.models.family import Family


class Course:
    """The way of one prepared run. `recipe` is the whole, `mask` what is painted over now."""

    def __init__(self, prepared: Prepared, family: Family, library: Library) -> None:
        self._prepared, self._family, self._library = prepared, family, library
        self.recipe: Recipe = prepared.recipe
        self.mask: Mask | None = prepared.mask
        self._latents: Latents | None = prepared.latents
        self._predict: Predict = prepared.predict
        self._worked_out = -1
        """The step that latents and predictor were last made for, by an edit."""

    @property
    def end(self) -> int:
        """The index that no step of this run has: one behind the last."""
        take = self.recipe.take
        return take + 1 if take >= 0 else self._prepared.schedule.steps

    def steps(self, state: State, last: Step | None) -> Iterator[Step]:
        """The steps from `state` on as things are now; whoever consumes stops at an edit.

        `last` is the step before, if there is one.
        """
        now = self.recipe.at(state.index)
        self._work_out(state.index, now, last)
        yield from walk(
            self._predict,
            self._prepared.schedule,
            now.sampler,
            now.options(),
            state,
            self._prepared.noise,
        )

    def turns(self, index: int) -> bool:
        """Whether an edit takes effect at this step."""
        return any(edit.step == index for edit in self.recipe.edits)

    def change(self, changes: Sequence[Change], index: int) -> None:
        """Take these over from step `index` on. Raises BadInput, and then nothing has changed."""
        recipe = self.recipe
        for change in changes:
            edit = change.edit
            if change.mask is not None:
                self._check_mask(change.mask)
                edit = replace(edit, mask=self._library.keep(change.mask).sha256)
            recipe = with_edit(recipe, edit, index)
        self.recipe = recipe

    def _work_out(self, index: int, now: Recipe, last: Step | None) -> None:
        edits = [edit for edit in self.recipe.edits if edit.step <= index]
        if not edits or edits[-1].step <= self._worked_out:
            return
        self._worked_out = index
        masks = [edit for edit in edits if edit.mask]
        if masks:
            self._mask_over(masks[-1], now, last)
        self._predict = predictor(self._family, now, self._latents, self._prepared.side)

    def _mask_over(self, edit: Edit, now: Recipe, last: Step | None) -> None:
        mask = self._library.asset_mask(Asset(edit.mask, "mask"))
        self._check_mask(mask)
        inputs, plan = self._prepared.inputs, self._prepared.plan
        if inputs.source is not None and plan is not None:
            self.mask = mask
            self._latents = latents_of(
                now,
                replace(inputs, mask=mask),
                plan,
                plan.working_size,
                self._family,
                self._prepared.noise,
            )
            return
        # A picture that comes from noise has nothing to be held at but what it is about to be.
        clean = last.x0.to(self._family.device) if last is not None else self._none_yet()
        free = to_latent_mask(lined_mask(mask, self._family), *clean.shape[-2:]).to(
            self._family.device
        )
        self._latents = Latents(clean, clean, free)

    def _none_yet(self) -> Tensor:
        raise BadInput(
            "Before the first step there is no picture of which a region could be kept.",
            "Let it take a step first.",
        )

    def _check_mask(self, mask: Mask) -> None:
        prepared = self._prepared
        source, plan = prepared.inputs.source, prepared.plan
        size = source.size if source is not None and plan is not None else self.recipe.size
        if mask.size != size:
            raise BadInput(
                f"The mask is {mask.size} and the run's picture {size}.",
                "Use a mask of the picture's size.",
            )
        if mask.empty:
            raise BadInput("The mask is empty.", "Paint over what is to change.")
        if plan is not None and source is not None:
            check_reach(mask, self.recipe.feather, plan)


def check_reach(mask: Mask, feather: int, plan: Plan) -> None:
    """BadInput if a mask goes beyond what the model sees."""
    reach = bounds(mask).grow(feather).intersect(Box.of(mask.size))
    if not plan.box.contains(reach):
        raise BadInput(
            "The mask and its soft edge reach beyond the part of the picture that this run saw.",
            "Paint inside it, use a smaller feather, or fill the new region in a run of its own.",
        )
