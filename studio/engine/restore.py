"""A trajectory as it was written to disk, made into one that can be looked at and branched."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, overload

import torch
from torch import Tensor

from studio.core.errors import CannotOpen
from studio.core.events import Plan
from studio.core.geometry import Box, Size
from studio.core.record import Asset
from studio.diffusion.levels import Level
from studio.diffusion.state import State, Step
from studio.engine.fill import material_of, region_of
from studio.engine.measures import Measures, measure
from studio.engine.trajectory import Trajectory
from studio.library.library import Library
from studio.library.tensors import Array
from studio.library.trajectory import StoredRows, StoredTrajectory
from studio.models.preview import LinearPreview


def restore(stored: StoredTrajectory, library: Library) -> Trajectory:
    """Its steps are read when they are looked at.

    Raises CannotOpen if rows are missing or do not fit, or a source picture is gone.
    """
    rows, record = stored.rows, stored.record
    try:
        levels, targets = (
            tuple(Level(*(float(v) for v in row)) for row in rows[name])
            for name in ("levels", "targets")
        )
        first = int(rows["index"][0])
        shape = rows.shape("x")
        remembered = [int(n) for n in rows["remembered"]]
        # 0 in files of the first version, which did not say.
        end = int(rows["remembered_end"][0]) if "remembered_end" in rows else 0
        seconds = [float(s) for s in rows["seconds"]]
        plan = _plan([int(n) for n in rows["plan"]]) if "plan" in rows else None
        held = _tensor(rows["held"]) if "held" in rows else None
        if not shape[0] == len(remembered) == len(seconds) < len(levels):
            raise ValueError("rows of different lengths")
        if rows.shape("x0") != shape or rows.shape("x_end") != shape[1:]:
            raise ValueError("rows of different shapes")
        if len(targets) < first + shape[0]:
            raise ValueError("rows with holes")
        if held is not None and held.shape[1:] != shape[2:]:
            raise ValueError("latents of another size")
        steps = StoredSteps(rows, levels, first, (*remembered, end), _guided(rows))
        measures = _measures(rows, steps)
    except (KeyError, ValueError, IndexError, TypeError) as error:
        raise _incomplete() from error
    if record.recipe.batch != shape[1]:
        raise CannotOpen("This trajectory does not fit its own recipe.", "Write it again.")
    source, mask = region_of(record, library)
    return Trajectory(
        record.run,
        record,
        levels,
        targets,
        first,
        source,
        mask,
        plan,
        held,
        _preview(rows),
        steps,
        StoredItems(rows, "thumbnails") if "thumbnails" in rows else [],
        seconds,
        measures,
        [(e.step, library.asset_mask(Asset(e.mask))) for e in record.recipe.edits if e.mask],
        material_of(record, library),
    )


@dataclass(frozen=True)
class StoredItems(Sequence[Any]):
    """The items of one row, each read when it is asked for."""

    rows: StoredRows
    row: str

    def __len__(self) -> int:
        return self.rows.shape(self.row)[0]

    @overload
    def __getitem__(self, where: int) -> Array: ...
    @overload
    def __getitem__(self, where: slice) -> Sequence[Array]: ...
    def __getitem__(self, where: int | slice) -> Array | Sequence[Array]:
        chosen = range(len(self))[where]
        if isinstance(chosen, range):
            return [self.rows.at(self.row, index) for index in chosen]
        return self.rows.at(self.row, chosen)


@dataclass(frozen=True)
class StoredSteps(Sequence[Step]):
    """Steps read when they are asked for; what neighbours share is then read once.

    `remembered`: how many earlier x̂0 the sampler knew before each step, and after the last.
    `guided`: the steps that have parts. Raises CannotOpen.
    """

    rows: StoredRows
    levels: tuple[Level, ...]
    first: int
    remembered: tuple[int, ...]
    guided: frozenset[int]

    def __len__(self) -> int:
        return len(self.remembered) - 1

    @overload
    def __getitem__(self, where: int) -> Step: ...
    @overload
    def __getitem__(self, where: slice) -> Sequence[Step]: ...
    def __getitem__(self, where: int | slice) -> Step | Sequence[Step]:
        found: dict[tuple[str, int], Tensor] = {}

        def read(row: str, index: int) -> Tensor:
            if (row, index) not in found:
                found[row, index] = self._read(row, index)
            return found[row, index]

        chosen = range(len(self))[where]
        if isinstance(chosen, range):
            return [self._step(index, read) for index in chosen]
        return self._step(chosen, read)

    def _step(self, index: int, read: Callable[[str, int], Tensor]) -> Step:
        names = ("x0_unprompted", "x0_prompted") if index in self.guided else ()
        return Step(
            self._state(index, read),
            read("x0", index),
            self._state(index + 1, read),
            tuple(read(name, index) for name in names),
        )

    def _state(self, index: int, read: Callable[[str, int], Tensor]) -> State:
        x = read("x", index) if index < len(self) else read("x_end", -1)
        past = range(max(0, index - self.remembered[index]), index)
        previous = tuple((read("x0", i), self.levels[self.first + i]) for i in past)
        return State(self.first + index, x, previous)

    def _read(self, row: str, index: int) -> Tensor:
        x = _tensor(self.rows[row] if index < 0 else self.rows.at(row, index))
        if row == "x" and not x.isfinite().all():
            raise _incomplete()
        return x


def _guided(rows: StoredRows) -> frozenset[int]:
    if "guidance" not in rows:
        return frozenset()
    return frozenset(i for i, row in enumerate(rows["guidance"]) if not math.isnan(row[0]))


def _measures(rows: StoredRows, steps: StoredSteps) -> list[Measures]:
    if "change" not in rows:
        taken = list(steps)
        return [measure(step, taken[i - 1] if i else None) for i, step in enumerate(taken)]
    change = [tuple(row) for row in rows["change"].tolist()]
    if len(change) != len(steps):
        raise ValueError("rows of different lengths")
    guidance = rows["guidance"].tolist() if steps.guided else []
    return [
        Measures(row, tuple(guidance[i]) if i in steps.guided else ())
        for i, row in enumerate(change)
    ]


def _preview(rows: StoredRows) -> LinearPreview | None:
    if "preview_weight" not in rows:
        return None
    weight = _tensor(rows["preview_weight"])
    return LinearPreview(weight, math.isqrt(weight.shape[1] // 3))


def _plan(numbers: list[int]) -> Plan:
    x, y, width, height, working_width, working_height, band = numbers
    return Plan(Box(x, y, width, height), Size(working_width, working_height), band)


def _incomplete() -> CannotOpen:
    return CannotOpen("This trajectory is incomplete.", "Write it again with --trajectory.")


def _tensor(row: Array) -> Tensor:
    return torch.from_numpy(row.copy())
