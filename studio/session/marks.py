"""What happened at which step of a run: where it began, was changed, and was branched from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from studio.session.changes import changed, changes, edit_text, summary
from studio.session.runs import RunView

if TYPE_CHECKING:
    from studio.library.library import Entry


@dataclass(frozen=True)
class Mark:
    """start: the run branched off another here. edit: it was changed here. branch: another run
    branched off here."""

    kind: Literal["start", "edit", "branch"]
    text: str

    @property
    def bends(self) -> bool:
        """Whether the run itself goes on differently from there."""
        return self.kind != "branch"


def marks(
    run: RunView, runs: Mapping[str, RunView], entries: Sequence[Entry]
) -> dict[int, tuple[Mark, ...]]:
    """By step; `runs` are those of this sitting, `entries` pictures kept of any."""
    found: dict[int, tuple[Mark, ...]] = {}

    def add(step: int, mark: Mark) -> None:
        if mark not in found.get(step, ()):
            found[step] = (*found.get(step, ()), mark)

    if any(index < run.first for index in run.previews):
        add(run.first, Mark("start", f"Branched off here: {_difference(run, runs, entries)}"))
    for edit in run.recipe.edits:
        add(edit.step, Mark("edit", f"Changed here: {edit_text(edit)}"))
    for step, text in sorted(_children(run.id, runs, entries)):
        add(step, Mark("branch", f"A branch goes off here: {text}"))
    return found


def _difference(run: RunView, runs: Mapping[str, RunView], entries: Iterable[Entry]) -> str:
    parent = runs.get(run.parent)
    if parent is not None:
        return summary(changes(parent.recipe.going_on(run.first), run.recipe))
    kept = (entry.record for entry in entries if entry.record.run == run.id)
    record = next((record for record in kept if record.origin), None)
    return summary(changed(record)) if record else "from an earlier run"


def _children(
    run: str, runs: Mapping[str, RunView], entries: Iterable[Entry]
) -> set[tuple[int, str]]:
    mine = runs.get(run)
    now = {
        (child.first, summary(changes(mine.recipe.going_on(child.first), child.recipe)))
        for child in runs.values()
        if mine is not None and child.parent == run
    }
    known = {child.id for child in runs.values() if child.parent == run}
    return now | {
        (entry.record.origin.step, summary(changed(entry.record)))
        for entry in entries
        if entry.record.origin and entry.record.origin.run == run and entry.record.run not in known
    }
