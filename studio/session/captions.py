"""What is written under what is looked at."""

from __future__ import annotations

from studio.core.wishes import VIEWS, View
from studio.session.runs import RunView

TITLES: dict[View, str] = {view: title for view, title, _ in VIEWS}


def step_text(run: RunView, index: int) -> str:
    """The caption of a step: its number and noise level."""
    level = run.levels.get(index)
    return f"Step {index} · σ {level.sigma:.2f}" if level else f"Step {index}"


def view_text(run: RunView, index: int, view: View, exact: bool | None) -> str:
    """The caption of one view of a step. `exact` None: the picture is not there yet."""
    quality = {True: "full quality", False: "preview", None: "…"}[exact]
    return f"{TITLES[view]} · {step_text(run, index)} · {quality}"


def result_text(run: RunView) -> str:
    """The caption of a result; with a mask it says in numbers what was left alone."""
    count = f"Result {run.image + 1} of {len(run.results)}" if len(run.results) > 1 else "Result"
    changed = run.results[run.image].changed_outside
    if changed is None:
        return count
    pixels = "1 pixel" if changed == 1 else f"{changed:,} pixels"
    return f"{count} · {pixels} changed outside the mask"
