"""What a run does at its next step, worked out anew whenever it is changed on its way."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from studio.core.edits import Edit
from studio.core.errors import BadInput
from studio.core.picture import Mask
from studio.core.recipe import Recipe
from studio.core.record import Asset
from studio.diffusion.loop import walk
from studio.diffusion.state import Predict, State, Step
from studio.engine.branch import check_reach
from studio.engine.fill import Latents, latents_of, lined_mask
from studio.engine.helm import Change, with_edit
from studio.engine.pixels import to_latent_mask
from studio.engine.prepare import Prepared, predictor
from studio.engine.speaking import with_files, with_said
from studio.engine.trajectory import Trajectory
from studio.library.library import Library
from studio.models.family import Family


class Course:
    """The way of one prepared run, whose steps so far are in `trajectory`. `recipe` is the whole.

    What a step is made with follows from the recipe and the steps before it alone, so that a
    replay and a branch come to the same. `trajectory.masks` is kept up.
    """

    def __init__(
        self, prepared: Prepared, trajectory: Trajectory, family: Family, library: Library
    ) -> None:
        self._prepared, self._family, self._library = prepared, family, library
        self._trajectory = trajectory
        self.recipe: Recipe = prepared.recipe
        self._predict: Predict = prepared.predict
        self._worked_out = -1
        """The step that the predictor was last made for, by an edit."""
        for edit in self.recipe.edits:
            if edit.mask and edit.step <= prepared.state.index:
                self._remember(edit)

    def steps(self, state: State) -> Iterator[Step]:
        """The steps from `state` on as things are now; whoever consumes stops at an edit."""
        now = self.recipe.at(state.index)
        self._work_out(state.index, now)
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

    def change(self, changes: Sequence[Change], index: int) -> Mask | None:
        """Take these over from step `index` on; returns the mask, if it is a new one.

        Raises StudioError, and then nothing has changed.
        """
        recipe, mask = self.recipe, None
        if index >= self._prepared.end:
            raise BadInput("The last step has been taken: there is nothing left to change.")
        for change in changes:
            edit = change.edit
            if change.mask is not None:
                mask = change.mask
                self._check_mask(mask, index)
                edit = replace(edit, mask=self._library.keep(mask).sha256)
            recipe = with_edit(recipe, edit, index)
        recipe = with_said(recipe, self._library)
        with_files(self._family, recipe, recipe.at(index))
        self.recipe = recipe
        self._trajectory.record = replace(self._trajectory.record, recipe=recipe)
        return mask

    def _work_out(self, index: int, now: Recipe) -> None:
        edits = [edit for edit in self.recipe.edits if edit.step <= index]
        if not edits or edits[-1].step <= self._worked_out:
            return
        self._worked_out = index
        masked = self.recipe.masked(index)
        latents = self._under(masked, now) if masked else self._prepared.latents
        self._predict = predictor(self._family, now, latents, self._prepared.side)
        self.recipe = with_files(self._family, self.recipe, now)
        self._trajectory.record = replace(self._trajectory.record, recipe=self.recipe)

    def _under(self, edit: Edit, now: Recipe) -> Latents:
        """What is held and what is free under the mask of an edit."""
        mask = self._remember(edit)
        self._check_mask(mask, edit.step)
        prepared, family = self._prepared, self._family
        if prepared.plan is not None and prepared.latents is not None:
            # Held at what it was held at from the beginning, whichever mask that was made for.
            inputs = replace(prepared.inputs, mask=mask, held=prepared.latents.clean)
            size = prepared.plan.working_size
            latents = latents_of(now, inputs, prepared.plan, size, family, prepared.noise)
            assert latents is not None
            return latents
        # A picture that comes from noise has nothing to be held at but what it is about to be.
        clean = self._trajectory.at(edit.step - 1).x0.to(family.device)
        free = to_latent_mask(lined_mask(mask, family), *clean.shape[-2:])
        return Latents(clean, clean, free.to(family.device))

    def _remember(self, edit: Edit) -> Mask:
        """The mask of an edit, which the trajectory then knows too."""
        masks = self._trajectory.masks
        if edit.step not in dict(masks):
            masks.append((edit.step, self._library.asset_mask(Asset(edit.mask, "mask"))))
        return dict(masks)[edit.step]

    def _check_mask(self, mask: Mask, step: int) -> None:
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
        if plan is not None:
            check_reach(mask, self.recipe.feather, plan)
        elif step <= self._trajectory.first:
            raise BadInput(
                "Before the first step there is no picture of which a region could be kept.",
                "Let it take a step first.",
            )
