"""A trajectory as it was written to disk, made into one that can be branched."""

from __future__ import annotations

import torch

from studio.core.errors import CannotOpen
from studio.core.events import Plan
from studio.core.geometry import Box, Size
from studio.diffusion.levels import Level
from studio.diffusion.state import State, Step
from studio.engine.archive import Trajectory
from studio.engine.fill import region_of
from studio.library.library import Library
from studio.library.trajectory import Rows, StoredTrajectory


def restore(stored: StoredTrajectory, library: Library) -> Trajectory:
    """Raises CannotOpen if rows are missing or do not fit, or a source picture is gone."""
    rows, record = stored.rows, stored.record
    try:
        levels, targets = (
            tuple(Level(*(float(v) for v in row)) for row in rows[name])
            for name in ("levels", "targets")
        )
        first = int(rows["index"][0])
        xs, x0s = torch.from_numpy(rows["x"].copy()), torch.from_numpy(rows["x0"].copy())
        ends = [*xs[1:], torch.from_numpy(rows["x_end"].copy())]
        remembered = [int(n) for n in rows["remembered"]]
        seconds = [float(s) for s in rows["seconds"]]
        plan = _plan([int(n) for n in rows["plan"]]) if "plan" in rows else None
        held = torch.from_numpy(rows["held"].copy()) if "held" in rows else None
        parts = _parts(rows)
        if not len(xs) == len(x0s) == len(remembered) == len(seconds) < len(levels):
            raise ValueError("rows of different lengths")
        if not xs.isfinite().all() or len(targets) < first + len(xs):
            raise ValueError("rows with holes")
        if held is not None and held.shape[1:] != xs.shape[2:]:
            raise ValueError("latents of another size")
    except (KeyError, ValueError, IndexError, TypeError) as error:
        raise CannotOpen(
            "This trajectory is incomplete.", "Write it again with --trajectory."
        ) from error
    if record.recipe.batch != xs.shape[1]:
        raise CannotOpen("This trajectory does not fit its own recipe.", "Write it again.")

    def state(index: int, x: torch.Tensor, count: int) -> State:
        past = range(max(0, index - count), index)
        return State(first + index, x, tuple((x0s[i], levels[first + i]) for i in past))

    source, mask = region_of(record, library)
    trajectory = Trajectory(
        record.run,
        record,
        levels,
        targets,
        first,
        source,
        mask,
        plan,
        held,
    )
    for index, (x, x0, end) in enumerate(zip(xs, x0s, ends, strict=True)):
        after = remembered[index + 1] if index + 1 < len(remembered) else 0
        before, following = state(index, x, remembered[index]), state(index + 1, end, after)
        trajectory.add(Step(before, x0, following, parts.get(index, ())), seconds[index])
    return trajectory


def _parts(rows: Rows) -> dict[int, tuple[torch.Tensor, ...]]:
    """x̂0 without the prompt and with it, of those steps that had guidance."""
    if "x0_prompted" not in rows:
        return {}
    both = [torch.from_numpy(rows[f"x0_{name}"].copy()) for name in ("unprompted", "prompted")]
    pairs = list(zip(*both, strict=True))
    return {i: pair for i, pair in enumerate(pairs) if not pair[1].isnan().any()}


def _plan(numbers: list[int]) -> Plan:
    x, y, width, height, working_width, working_height, band = numbers
    return Plan(Box(x, y, width, height), Size(working_width, working_height), band)
