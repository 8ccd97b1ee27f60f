"""One run's steps as they are kept.

x and x̂0 are kept in the precision the loop computed them in: a branch from step k then repeats
its parent's tail to the bit. The two predictions that guidance combined are only looked at, and
kept in half precision.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Tensor

from studio.core.errors import BadInput
from studio.core.events import Plan
from studio.core.geometry import Size
from studio.core.picture import Mask, Picture, Pixels
from studio.core.record import Record
from studio.diffusion.levels import Level
from studio.diffusion.state import State, Step
from studio.engine.measures import Measures, measure
from studio.library.tensors import Row, Stack
from studio.models.preview import LinearPreview

Shared = dict[int, tuple[Tensor, Tensor]]
"""Tensors on the device and what they are in the machine's memory, by the former's identity."""


@dataclass
class Trajectory:
    """The steps of one run, in order. `first` is the first index.

    Step i begins at `levels[i]` and ends at `targets[i]` (see `studio.diffusion.schedule`).

    With a mask: `source` is the picture it lies on, `held` the latents kept outside it.
    `masks` took its place on the way, each from the step that stands with it on.
    `material` marks where it was filled from (see `studio.core.material`).
    `preview` shows latents without the model, on the CPU; None if its model was never loaded.
    `thumbnails` has a step's x̂0 of each picture of the batch, RGB uint8 [batch, h, w, 3].

    Of a run that was read from its file, steps and thumbnails are read one by one, when they are
    looked at.
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
    steps: Sequence[Step] = field(default_factory=list)
    thumbnails: Sequence[Pixels] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    measures: list[Measures] = field(default_factory=list)
    masks: list[tuple[int, Mask]] = field(default_factory=list)
    material: Mask | None = None
    _shared: Shared = field(default_factory=dict)

    @property
    def size(self) -> Size:
        """Of what it draws, in pixels; latents may be of a few more, in whole multiples."""
        return self.plan.working_size if self.plan else self.record.recipe.size

    def add(self, step: Step, seconds: float, thumbnail: Pixels | None = None) -> None:
        """Keep one more step. Either all steps of a run have a thumbnail, or none."""
        steps, thumbnails = self.steps, self.thumbnails
        if not isinstance(steps, list) or not isinstance(thumbnails, list):
            raise TypeError("a run read from its file is over")
        kept = _on_cpu(step, self._shared)
        # What the next step can share: its beginning, and what a sampler remembers.
        self._shared = {id(step.after.x): (step.after.x, kept.after.x)}
        self._shared |= {
            id(old): (old, new)
            for (old, _), (new, _) in zip(step.after.previous, kept.after.previous, strict=True)
        }
        self.measures.append(measure(kept, steps[-1] if steps else None))
        steps.append(kept)
        if thumbnail is not None:
            thumbnails.append(thumbnail)
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

    def state(self, index: int) -> State:
        """Where that step begins; of the index behind the last step, where that one ended.

        Raises BadInput if the run never got there.
        """
        if self.steps and index == self.first + len(self.steps):
            return self.steps[-1].after
        return self.at(index).before

    def mask_at(self, index: int) -> Mask | None:
        """The mask that held at a step; None without one."""
        found = [mask for step, mask in self.masks if step <= index]
        return found[-1] if found else self.mask

    @property
    def nbytes(self) -> int:
        return sum(self.blocks().values())

    def blocks(self) -> dict[int, int]:
        """Bytes by address of all that is kept: what steps or runs share has one address."""
        blocks: dict[int, int] = {}
        if isinstance(self.thumbnails, list):
            blocks |= {item.ctypes.data: item.nbytes for item in self.thumbnails}
        for step in self.steps if isinstance(self.steps, list) else ():
            for state in (step.before, step.after):
                kept = (state.x, step.x0, *step.parts, *(x0 for x0, _ in state.previous))
                blocks |= {x.data_ptr(): x.nbytes for x in kept}
        if self.held is not None:
            blocks[self.held.data_ptr()] = self.held.nbytes
        for item in (self.source, self.mask, self.material, *(mask for _, mask in self.masks)):
            if item is not None:
                blocks[item.pixels.ctypes.data] = item.pixels.nbytes
        return blocks

    def rows(self) -> dict[str, Row]:
        """One row a step, as `trajectory.safetensors` has them, and the end of the last step."""
        plan, steps = self.plan, list(self.steps)
        end = steps[-1].after
        taken = slice(self.first, self.first + len(self.steps))
        levels, targets = self.levels[taken], self.targets[taken]
        rows: dict[str, Row] = {
            "x": Stack([step.before.x.numpy() for step in steps]),
            "x0": Stack([step.x0.numpy() for step in steps]),
            "x_end": end.x.numpy(),
            "index": np.arange(self.first, self.first + len(steps), dtype=np.int64),
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
            "remembered": np.array([len(step.before.previous) for step in steps], dtype=np.int64),
            "remembered_end": np.array([len(end.previous)], dtype=np.int64),
            "levels": _numbers(self.levels),
            "targets": _numbers(self.targets),
        }
        if plan:
            box, size = plan.box, plan.working_size
            numbers = (box.x, box.y, box.width, box.height, size.width, size.height, plan.band)
            rows["plan"] = np.array(numbers, dtype=np.int64)
        if self.held is not None:
            rows["held"] = self.held.numpy()
        if self.thumbnails:
            rows["thumbnails"] = Stack(list(self.thumbnails))
        if self.preview is not None:
            rows["preview_weight"] = self.preview.weight.numpy()
        if any(step.parts for step in steps):
            # Not a number where a step had no guidance, in a run that had it elsewhere.
            none = np.full(steps[0].x0.shape, np.nan, np.float16)
            pairs = [[part.numpy() for part in step.parts] or [none, none] for step in steps]
            rows["x0_unprompted"], rows["x0_prompted"] = map(Stack, zip(*pairs, strict=True))
            without = (float("nan"),) * len(none)
            rows["guidance"] = np.array([m.guidance or without for m in self.measures])
        return rows


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
