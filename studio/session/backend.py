"""What the session needs of whoever draws the pictures."""

from __future__ import annotations

from typing import Protocol

from studio.core.edits import Edit
from studio.core.exports import Export
from studio.core.limits import Limits
from studio.core.picture import Mask
from studio.core.request import Request
from studio.core.wishes import Wish


class Backend(Protocol):
    """Runs requests one after the other and tells of them through `studio.core.events`.

    Every method returns at once. Events may arrive on another thread: whoever connects the two
    brings them to the session's own.
    """

    def submit(self, request: Request) -> str:
        """Put the request into the queue; the id of its run. Raises BadInput."""
        ...

    def cancel(self, run: str) -> None:
        """Stop this run or export as soon as possible; one that is over is left as it is."""
        ...

    def edit(self, run: str, edit: Edit, mask: Mask | None = None) -> None:
        """Change a run from its next step on: told by `Edited`. Raises BadInput."""
        ...

    def export(self, export: Export) -> str:
        """Write steps to a file, when no run goes; the id to cancel it by. Raises BadInput."""
        ...

    def configure(self, limits: Limits) -> None:
        """Keep no more than this from now on."""
        ...

    def pause(self, run: str) -> None:
        """Have a run wait before its next step; nothing if it has ended."""
        ...

    def resume(self, run: str) -> None:
        """Have a paused run go on."""
        ...

    def step_once(self, run: str) -> None:
        """Have a run take one step and wait."""
        ...

    def ask(self, wish: Wish) -> None:
        """Ask for something to be shown or told; an event answers, when there is time."""
        ...
