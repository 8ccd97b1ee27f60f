"""Changing runs on their way, and going on from their steps."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from studio.core.edits import EDITABLE, Edit
from studio.core.errors import StudioError
from studio.core.picture import Mask
from studio.core.recipe import MAX_SEED, Recipe
from studio.core.request import Fork, Request
from studio.core.samplers import sampler_info
from studio.session.changes import Change, changes
from studio.session.message import Message, Offer
from studio.session.runs import RunView

if TYPE_CHECKING:
    from studio.session.session import Session

GONE = Message(
    "The steps of this run are no longer in memory.",
    "Bring them back from its picture in the history: Show the steps.",
    "warning",
)


@dataclass(frozen=True)
class Choices:
    """How a branch goes on. `settings`: with words, guidance and sampler as they are set now;
    otherwise as the run did. `new_seed`: other noise from here on. `rest`: how many steps are
    left, 0 for as many as the run had. `masked`: only where the mask is painted now."""

    settings: bool = True
    new_seed: bool = False
    rest: int = 0
    masked: bool = False


class Steering:
    """One thread's: the window's. What cannot be done is said, and nothing happens."""

    def __init__(self, session: Session) -> None:
        self._session = session

    # On its way

    def news(self, run: RunView) -> dict[str, Any]:
        """Which settings, of those that a run can take on its way, are not as in the run."""
        now, then = self._session.recipe(), run.recipe.at(run.next_step)
        names = [name for name in EDITABLE if getattr(now, name) != getattr(then, name)]
        if now.sampler != then.sampler and "sampler_options" in names:
            names.remove("sampler_options")  # another sampler's
        return {name: _plain(getattr(now, name)) for name in names}

    def new_mask(self, run: RunView) -> Mask | None:
        """The mask painted now, if it is another than the run's and lies on the same picture."""
        mask = self._session.document.mask
        if run.mask is None or mask is None or mask is run.mask or mask.size != run.mask.size:
            return None
        return mask

    def apply(self) -> None:
        """Have the run that is going go on with the settings, and the mask, as they are now."""
        run = self._session.queue.going
        if run is None:
            return
        edit, mask = Edit(run.next_step, self.news(run)), self.new_mask(run)
        if not edit.changes and mask is None:
            self._session.say(Message("The run has these settings already."))
            return
        try:
            self._session.queue.backend.edit(run.id, edit, mask)
        except StudioError as error:
            self._session.say(Message.of(error, "warning"))
            return

    def stopped(self, run: RunView) -> None:
        """Show how far a run came that was stopped, and offer what can be made of it."""
        step, viewing = run.newest, self._session.viewing
        if step is None:
            return
        if viewing.run is run and viewing.step is None and viewing.past is None:
            viewing.select(run, step)
        self._session.say(
            Message(
                f"Stopped after {_count(run.taken, 'step')}.",
                "They are kept.",
                offers=(
                    Offer("Finish from here", lambda: self.finish_from(run, step + 1)),
                    Offer("Keep this as the picture", lambda: self.take(run, step)),
                ),
            )
        )

    # Going on from a step

    def finish_from(self, run: RunView, step: int) -> RunView | None:
        """Go on before this step just as the run would have."""
        return self._branch(run, step, run.recipe.going_on(step))

    def take(self, run: RunView, step: int) -> RunView | None:
        """Make x̂0 of this step a picture of its own."""
        recipe = run.recipe.going_on(step)
        edits = tuple(edit for edit in recipe.edits if edit.step <= step)
        return self._branch(run, step + 1, replace(recipe, take=step, edits=edits))

    def branch(self, run: RunView, step: int, choices: Choices) -> RunView | None:
        """Go on before this step with what was chosen."""
        document = self._session.document
        mask = document.mask if choices.masked else None
        recipe = self.recipe_of(run, step, choices)
        return self._branch(run, step, recipe, mask, choices.rest)

    def recipe_of(self, run: RunView, step: int, choices: Choices) -> Recipe:
        """The recipe of such a branch."""
        recipe = run.recipe.going_on(step)
        if choices.settings:
            now = self._session.settings
            recipe = run.recipe.going_on(
                step,
                prompt=now.prompt.strip(),
                negative_prompt=now.negative_prompt.strip(),
                guidance_scale=now.guidance_scale,
                guidance_rescale=now.guidance_rescale,
                sampler=now.sampler,
                sampler_options=now.sampler_options,
            )
            # What is set now holds to the end: later edits were made to what was before.
            masks = (Edit(edit.step, {}, edit.mask) for edit in recipe.edits if edit.mask)
            recipe = replace(recipe, edits=tuple(masks))
        if choices.new_seed:
            recipe = replace(recipe, seed=random.randrange(MAX_SEED + 1))
        return recipe

    def changes_of(self, run: RunView, step: int, choices: Choices) -> tuple[Change, ...]:
        """What that branch would do otherwise than the run."""
        same = replace(choices, new_seed=False)
        return changes(run.recipe.going_on(step), self.recipe_of(run, step, same))

    def draws_noise(self, run: RunView, choices: Choices) -> bool:
        """Whether a new seed makes a difference: only where the sampler adds noise on its way."""
        recipe = self.recipe_of(run, 0, choices)
        info, options = sampler_info(recipe.sampler), recipe.options()
        return info.stochastic if "eta" not in options else float(options["eta"]) > 0

    def _branch(
        self, run: RunView, step: int, recipe: Recipe, mask: Mask | None = None, rest: int = 0
    ) -> RunView | None:
        if run.id not in self._session.queue.runs:
            self._session.say(GONE)
            return None
        request = Request(recipe=recipe, mask=mask, fork=Fork(run.id, step, rest=rest))
        made = self._session.submit(request, edits=run.edits)
        if made is not None and made.active:
            made.inherit(run, step)
        return made


def _plain(value: Any) -> Any:
    return dict(value) if isinstance(value, Mapping) else value


def _count(number: int, what: str) -> str:
    return f"1 {what}" if number == 1 else f"{number} {what}s"
