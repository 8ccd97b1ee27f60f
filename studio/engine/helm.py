"""Steering a run from other threads: pausing it, letting it take a step, changing what comes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from threading import Condition, Event

from studio.core.edits import Edit
from studio.core.errors import BadInput
from studio.core.picture import Mask
from studio.core.recipe import Recipe

PATIENCE = 0.1
"""Seconds between looks at whether a paused run was cancelled."""


@dataclass(frozen=True)
class Change:
    """What is to be different from the next step on: fields of `EDITABLE`, and a mask."""

    edit: Edit
    mask: Mask | None = None


class Helm:
    """One run's. The person's side may be called from any thread; the rest by the run alone."""

    def __init__(self, cancel: Event) -> None:
        self._cancel = cancel
        self.over = False
        """Whether the last step has been taken: nothing can be changed any more."""
        self.stirred = False
        """Whether it was told to go on, though it may have been paused again at once."""
        self._paused = False
        self._allowed = 0
        self._changes: list[Change] = []
        self._wake = Condition()

    # The person's side

    def pause(self) -> None:
        with self._wake:
            self._paused, self._allowed = True, 0

    def resume(self) -> None:
        with self._wake:
            self._paused, self.stirred = False, True
            self._wake.notify()

    def step_once(self) -> None:
        """Take one step and wait again; a run that goes comes to a halt after the one it is in."""
        with self._wake:
            self._allowed = self._allowed + 1 if self._paused else 0
            self._paused = True
            self._wake.notify()

    def change(self, change: Change) -> None:
        """Have this hold from the next step on."""
        with self._wake:
            self._changes.append(change)
            self._wake.notify()

    def wake(self) -> None:
        """Have a waiting run look again at what there is to do."""
        with self._wake:
            self._wake.notify()

    # The run's side

    @property
    def calls(self) -> bool:
        """Whether the run has to stop and ask before its next step."""
        return bool(self._changes) or self._paused

    @property
    def halted(self) -> bool:
        """Whether it must not take a step now."""
        return self._paused and not self._allowed and not self._cancel.is_set()

    def take_changes(self) -> list[Change]:
        """What was changed since this was last asked."""
        with self._wake:
            taken, self._changes = self._changes, []
        return taken

    def rest(self) -> None:
        """Wait until there is something to do, or a moment has passed."""
        with self._wake:
            if self.halted and not self._changes:
                self._wake.wait(PATIENCE)

    def let_go(self) -> bool:
        """The run takes a step: True if it goes on for good, False if for this one only."""
        with self._wake:
            single, self._allowed = self._allowed > 0, max(0, self._allowed - 1)
        return not single


def with_edit(recipe: Recipe, edit: Edit, step: int) -> Recipe:
    """The recipe with this edit at `step`, joined with one that is there already.

    Raises BadInput for values that cannot be.
    """
    at = [known for known in recipe.edits if known.step == step]
    changes = {name: value for known in at for name, value in known.changes.items()}
    mask = edit.mask or next((known.mask for known in at if known.mask), "")
    joined = Edit(step, {**changes, **edit.changes}, mask)
    others = [known for known in recipe.edits if known.step != step]
    edits = tuple(sorted([*others, joined], key=lambda known: known.step))
    return replace(recipe, edits=edits).check()


NOT_GOING = BadInput("This run is not going any more.", "Branch from one of its steps instead.")
