"""The steps of the runs so far, kept in memory so that they can be looked at and branched.

x and x̂0 are kept in the precision the loop computed them in: a branch from step k then repeats
its parent's tail to the bit. The two predictions that guidance combined are only looked at, and
kept in half precision. The recipe is the truth and this is a cache: when the budget is
used up, the oldest runs' steps go.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from threading import Lock

import numpy as np
import torch
from torch import Tensor

from studio.core.errors import BadInput
from studio.core.events import Plan
from studio.core.picture import Mask, Picture
from studio.core.record import Record
from studio.diffusion.levels import Level
from studio.diffusion.state import State, Step
from studio.engine.measures import Measures, measure
from studio.models.preview import LinearPreview

BUDGET = 512 * 2**20

Shared = dict[int, tuple[Tensor, Tensor]]
"""Tensors on the device and what they are in the machine's memory, by the former's identity."""


@dataclass
class Trajectory:
    """The steps of one run, in order. `first` is the first index.

    Step i begins at `levels[i]` and ends at `targets[i]` (see `studio.diffusion.schedule`).

    With a mask: `source` is the picture it lies on, `held` the latents kept outside it.
    `preview` shows latents without the model, on the CPU; None if its model was never loaded.
    """

    run: str
    record: Record
    levels: tuple[Level, ...]
    targets: tuple[Level, ...]
    first: int
    source: Picture | None = None
    mask: Mask | None = None
    plan: Plan | None = None
    held: Tensor | None = None
    preview: LinearPreview | None = None
    steps: list[Step] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    measures: list[Measures] = field(default_factory=list)
    _shared: Shared = field(default_factory=dict)

    def add(self, step: Step, seconds: float) -> None:
        kept = _on_cpu(step, self._shared)
        # What the next step can share: its beginning, and what a sampler remembers.
        self._shared = {id(step.after.x): (step.after.x, kept.after.x)}
        self._shared |= {
            id(old): (old, new)
            for (old, _), (new, _) in zip(step.after.previous, kept.after.previous, strict=True)
        }
        self.measures.append(measure(kept, self.steps[-1] if self.steps else None))
        self.steps.append(kept)
        self.seconds.append(seconds)

    def at(self, index: int) -> Step:
        """The step of that index. Raises BadInput if the run never took it, or not yet."""
        if not 0 <= index - self.first < len(self.steps):
            raise BadInput(
                f"This run has no step {index}.",
                f"It has steps {self.first} to {self.first + len(self.steps) - 1}."
                if self.steps
                else "It has taken no step yet.",
            )
        return self.steps[index - self.first]

    @property
    def nbytes(self) -> int:
        return sum(self.blocks().values())

    def blocks(self) -> dict[int, int]:
        """Bytes by address of all that is kept: what steps or runs share has one address."""
        blocks: dict[int, int] = {}
        for step in self.steps:
            for state in (step.before, step.after):
                kept = (state.x, step.x0, *step.parts, *(x0 for x0, _ in state.previous))
                blocks |= {x.data_ptr(): x.nbytes for x in kept}
        if self.held is not None:
            blocks[self.held.data_ptr()] = self.held.nbytes
        for item in (self.source, self.mask):
            if item is not None:
                blocks[item.pixels.ctypes.data] = item.pixels.nbytes
        return blocks

    def rows(self) -> dict[str, np.ndarray]:
        """One row a step, as `trajectory.safetensors` has them, and the end of the last step."""
        plan = self.plan
        taken = slice(self.first, self.first + len(self.steps))
        levels, targets = self.levels[taken], self.targets[taken]
        rows = {
            "x": np.stack([step.before.x.numpy() for step in self.steps]),
            "x0": np.stack([step.x0.numpy() for step in self.steps]),
            "x_end": self.steps[-1].after.x.numpy(),
            "index": np.arange(self.first, self.first + len(self.steps), dtype=np.int64),
            "alpha": np.array([level.alpha for level in levels]),
            "sigma": np.array([level.sigma for level in levels]),
            "alpha_to": np.array([level.alpha for level in targets]),
            "sigma_to": np.array([level.sigma for level in targets]),
            "timestep": np.array([level.timestep for level in levels]),
            "log_snr": np.array([level.log_snr for level in levels]),
            "seconds": np.array(self.seconds),
            "milliseconds": np.array(self.seconds) * 1000,
            # How much x̂0 changed since the step before, and what the prompt made of it: the root
            # mean square of the difference, for each picture of the batch.
            "change": np.array([measured.change for measured in self.measures]),
            # How many x̂0 of the steps before a multistep sampler still remembered here.
            "remembered": np.array(
                [len(step.before.previous) for step in self.steps], dtype=np.int64
            ),
            "levels": _numbers(self.levels),
            "targets": _numbers(self.targets),
        }
        if plan:
            box, size = plan.box, plan.working_size
            numbers = (box.x, box.y, box.width, box.height, size.width, size.height, plan.band)
            rows["plan"] = np.array(numbers, dtype=np.int64)
        if self.held is not None:
            rows["held"] = self.held.numpy()
        if any(step.parts for step in self.steps):
            # Not a number where a step had no guidance, in a run that had it elsewhere.
            none = np.full(self.steps[0].x0.shape, np.nan, np.float16)
            pairs = [[part.numpy() for part in step.parts] or [none, none] for step in self.steps]
            rows["x0_unprompted"], rows["x0_prompted"] = map(np.stack, zip(*pairs, strict=True))
            without = (float("nan"),) * len(none)
            rows["guidance"] = np.array([m.guidance or without for m in self.measures])
        return rows


class Archive:
    """Trajectories by run id, oldest first, within `budget` bytes. Safe to use from any thread."""

    def __init__(self, budget: int = BUDGET) -> None:
        self._budget = budget
        self._kept: dict[str, Trajectory] = {}
        self._lock = Lock()

    def add(self, trajectory: Trajectory) -> None:
        """Keep a run, from its first step on, and make room for it."""
        with self._lock:
            self._kept[trajectory.run] = trajectory
        # Here too, since a run that is cancelled or fails never gets to its own `trim`.
        self.trim(trajectory.run)

    def get(self, run: str) -> Trajectory:
        """Raises BadInput if the run is unknown or its steps had to make room."""
        with self._lock:
            if run not in self._kept:
                raise BadInput(
                    "The steps of this run are no longer in memory.",
                    "Make the picture again from its recipe, then go on from there.",
                )
            return self._kept[run]

    def __contains__(self, run: str) -> bool:
        with self._lock:
            return run in self._kept

    def trim(self, keep: str) -> None:
        """Let the oldest runs go until the budget is met; never the run `keep`."""
        with self._lock:
            for run in [run for run in self._kept if run != keep]:
                if self._total() <= self._budget:
                    break
                del self._kept[run]

    @property
    def nbytes(self) -> int:
        with self._lock:
            return self._total()

    def _total(self) -> int:
        blocks: dict[int, int] = {}
        for trajectory in self._kept.values():
            blocks |= trajectory.blocks()
        return sum(blocks.values())


def _numbers(levels: tuple[Level, ...]) -> np.ndarray:
    return np.array([(level.alpha, level.sigma, level.timestep) for level in levels])


def _on_cpu(step: Step, shared: Shared) -> Step:
    """The step with its tensors in the machine's memory: the device's is too dear to keep them.

    `shared` has those that are there already.
    """
    x0 = step.x0.cpu()
    shared = shared | {id(step.x0): (step.x0, x0)}

    def moved(x: Tensor) -> Tensor:
        return shared[id(x)][1] if id(x) in shared else x.cpu()

    def state(state: State) -> State:
        previous = tuple((moved(x0), level) for x0, level in state.previous)
        return State(state.index, moved(state.x), previous)

    parts = tuple(_half(part).cpu() for part in step.parts)
    return Step(state(step.before), x0, state(step.after), parts)


def _half(x: Tensor) -> Tensor:
    """In half precision; what is beyond its range ends at its limit, and stays a number."""
    limit = torch.finfo(torch.float16).max
    return x.clamp(-limit, limit).to(torch.float16)
