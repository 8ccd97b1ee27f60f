"""A backend that does what a test tells it to, and a session on it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from studio.core.edits import Edit
from studio.core.errors import CannotOpen, StudioError
from studio.core.events import (
    Catalogued,
    Finished,
    Plan,
    Queued,
    Result,
    Started,
    Stepped,
)
from studio.core.exports import Export
from studio.core.geometry import Size
from studio.core.limits import Limits
from studio.core.model_info import Abilities, ModelInfo
from studio.core.picture import Mask, Picture
from studio.core.record import Asset, Record
from studio.core.request import Request
from studio.core.wishes import Wish
from studio.session.session import Session

STARTER = ModelInfo("starter", "Starter", "sd", None, Abilities(Size(128, 128), 8))
LARGE = ModelInfo(
    "large",
    "Large",
    "sd",
    None,
    Abilities(Size(1024, 1024), 64, image_input=False, default_steps=30, default_guidance=7.0),
)


def picture(shade: int = 100, width: int = 32, height: int = 24) -> Picture:
    return Picture(np.full((height, width, 3), shade, np.uint8))


def mask_for(of: Picture) -> Mask:
    pixels = np.zeros((of.size.height, of.size.width), np.uint8)
    pixels[2:6, 2:6] = 255
    return Mask(pixels)


class Scripted:
    """Notes what it is asked; `refuse` is raised by the next submit."""

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self.cancelled: list[str] = []
        self.held: list[tuple[str, str]] = []
        self.wishes: list[Wish] = []
        self.exports: list[Export] = []
        self.edits: list[tuple[str, Edit, Mask | None]] = []
        self.refuse: StudioError | None = None
        self.closed = False
        self.limits = Limits()

    def submit(self, request: Request) -> str:
        if self.refuse:
            refuse, self.refuse = self.refuse, None
            raise refuse
        self.requests.append(request)
        return f"run{len(self.requests)}"

    def cancel(self, run: str) -> None:
        self.cancelled.append(run)

    def edit(self, run: str, edit: Edit, mask: Mask | None = None) -> None:
        if self.refuse:
            refuse, self.refuse = self.refuse, None
            raise refuse
        self.edits.append((run, edit, mask))

    def export(self, export: Export) -> str:
        self.exports.append(export)
        return f"export{len(self.exports)}"

    def configure(self, limits: Limits) -> None:
        self.limits = limits

    def pause(self, run: str) -> None:
        self.held.append(("pause", run))

    def resume(self, run: str) -> None:
        self.held.append(("resume", run))

    def step_once(self, run: str) -> None:
        self.held.append(("step", run))

    def ask(self, wish: Wish) -> None:
        self.wishes.append(wish)

    def close(self) -> None:
        self.closed = True


class Shelf:
    """What a session asks of the library, in memory."""

    def __init__(self) -> None:
        self.kept: dict[str, Picture | Mask] = {}
        self.entries: list[object] = []

    def keep(self, kept: Picture | Mask, name: str = "") -> Asset:
        key = f"{len(self.kept):064x}"
        self.kept[key] = kept
        return Asset(key, name)

    def spare(self, masks: Sequence[Mask]) -> list[Asset]:
        return [self.keep(mask) for mask in masks]

    def asset_picture(self, asset: Asset) -> Picture:
        if asset.sha256 not in self.kept:
            raise CannotOpen("The picture is gone.")
        found = self.kept[asset.sha256]
        assert isinstance(found, Picture)
        return found

    def asset_mask(self, asset: Asset) -> Mask:
        found = self.kept[asset.sha256]
        assert isinstance(found, Mask)
        return found

    def unfinished(self) -> tuple[object, ...]:
        return ()

    def history(
        self, limit: int = 200, before: object = None, match: str = ""
    ) -> tuple[object, ...]:
        start = 0
        if before is not None:
            start = 1 + [entry.id for entry in self.entries].index(before)  # type: ignore[attr-defined]
        return tuple(self.entries[start : start + limit])

    def of_runs(self, runs: list[str]) -> tuple[object, ...]:
        return tuple(e for e in self.entries if e.record.run in runs)  # type: ignore[attr-defined]

    def remove(self, entry_id: object, with_file: bool = False) -> None:
        self.entries = [e for e in self.entries if e.id != entry_id]  # type: ignore[attr-defined]


def new_session() -> Session:
    session = Session(Scripted(), Shelf())  # type: ignore[arg-type]
    session.receive(Catalogued((STARTER, LARGE)))
    return session


def asked(session: Session) -> list[Request]:
    backend = session.queue.backend
    assert isinstance(backend, Scripted)
    return backend.requests


def stepped(run: str, index: int, steps: int = 4, batch: int = 1, seconds: float = 2.0) -> Stepped:
    previews = tuple(picture(10 * index + image, 16, 16) for image in range(batch))
    return Stepped(run, index, steps, previews, 0.5, 2.0 - index / 4, 900.0, seconds)


def play(
    session: Session,
    run: str,
    steps: int = 4,
    finish: bool = True,
    plan: Plan | None = None,
    changed_outside: int | None = None,
) -> tuple[Result, ...]:
    """Let a run go through, as the engine would tell it."""
    recipe = session.queue.runs[run].recipe
    session.receive(Queued(run, recipe))
    session.receive(Started(run, recipe, 0, steps, plan))
    for index in range(steps):
        told = stepped(run, index, steps, recipe.batch)
        guidance = (0.5,) * recipe.batch if recipe.guidance_scale != 1.0 else ()
        session.receive(replace(told, guidance=guidance))
    results = tuple(
        Result(
            picture(200 + image),
            Path(f"/pictures/{run}-{image}.png"),
            Record(recipe.single(image), run, image),
            changed_outside,
        )
        for image in range(recipe.batch)
    )
    if finish:
        session.receive(Finished(run, results, 8.0))
    return results
