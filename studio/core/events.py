"""What the engine tells: plain data, each event with the id of its run ("" for none).

Pixels in events are read-only uint8 arrays; tensors never leave the engine.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from studio.core.answers import Began as Began
from studio.core.answers import Explained as Explained
from studio.core.answers import Exported as Exported
from studio.core.answers import Exporting as Exporting
from studio.core.answers import Forwarded as Forwarded
from studio.core.answers import Looked as Looked
from studio.core.answers import Noised as Noised
from studio.core.answers import Sight as Sight
from studio.core.counting import Counted as Counted
from studio.core.counting import Named as Named
from studio.core.downloads import HubEvent as HubEvent
from studio.core.geometry import Box, Size
from studio.core.memory import Planned as Planned
from studio.core.model_info import ModelInfo
from studio.core.picture import Mask, Picture
from studio.core.recipe import Recipe
from studio.core.record import Record


@dataclass(frozen=True)
class Awake:
    """The engine has loaded its libraries and knows its device ("cpu", "cuda:0", …)."""

    device: str
    device_name: str
    run: str = ""


@dataclass(frozen=True)
class Catalogued:
    """The models that can be used, in the order to show them."""

    models: tuple[ModelInfo, ...]
    run: str = ""


@dataclass(frozen=True)
class Queued:
    """The request was taken; `recipe` is what will run."""

    run: str
    recipe: Recipe


@dataclass(frozen=True)
class Loading:
    """A model is being loaded for this run; `message` says which part."""

    run: str
    message: str


@dataclass(frozen=True)
class Plan:
    """How a masked run will work: the part of the picture the model sees, and at what size."""

    box: Box
    working_size: Size
    band: int
    """Width in pixels, outside the mask, in which the fill is blended into the picture."""
    channels: bool = False
    """Whether the network's own inpainting channels are used."""


@dataclass(frozen=True)
class Started:
    """Steps are about to be taken: `first` ≤ index < `steps`. `plan` only with a mask.

    A branch tells the steps before its `first` again, as its parent took them, in 0 seconds.
    """

    run: str
    recipe: Recipe
    first: int
    steps: int
    plan: Plan | None = None


@dataclass(frozen=True)
class Paused:
    """The run waits before step `index`, until it is told to go on, to take one, or to stop."""

    run: str
    index: int


@dataclass(frozen=True)
class Resumed:
    """The run goes on."""

    run: str


@dataclass(frozen=True)
class Edited:
    """The run was changed on its way: `recipe` has the edit, which holds from its step on."""

    run: str
    recipe: Recipe
    mask: Mask | None = None
    """The mask from here on, if it was changed."""


@dataclass(frozen=True)
class Stepped:
    """One step is done: `previews` holds x̂0 of each picture of the batch, small (RGB).

    `thumbnails` are the same for the strip, at most 96 pixels high, to be kept for every step.

    For each picture, in the latents' own unit: `change` is the root mean square of what x̂0
    changed since the step before (0 for the first), `guidance` that of what the prompt makes of
    it, x̂0 with it less x̂0 without; () without guidance.
    """

    run: str
    index: int
    steps: int
    previews: tuple[Picture, ...]
    alpha: float
    sigma: float
    timestep: float
    seconds: float
    change: tuple[float, ...] = ()
    guidance: tuple[float, ...] = ()
    thumbnails: tuple[Picture, ...] = ()


@dataclass(frozen=True)
class Result:
    """One finished picture, already saved at `path`. `changed_outside`: pixels that differ from
    the source beyond the blended band (only with a mask; always counted, never assumed)."""

    picture: Picture
    path: Path
    record: Record
    changed_outside: int | None = None


@dataclass(frozen=True)
class Finished:
    """All pictures of the run are saved."""

    run: str
    results: tuple[Result, ...]
    seconds: float


@dataclass(frozen=True)
class Stopped:
    """The run was cancelled; the steps so far are kept."""

    run: str


@dataclass(frozen=True)
class Failed:
    """The run could not be done: `message` and `hint` for the person, `details` for a report."""

    run: str
    message: str
    hint: str
    details: str
    missing: str = ""
    """What could be fetched so that it can be done, see `Missing`."""


@dataclass(frozen=True)
class Recalled:
    """A kept run told once more: what `Started` and every `Stepped` said of it, with thumbnails.

    `first` is the first step it took itself; a run that was stopped has fewer than `steps`.
    """

    run: str
    record: Record
    first: int
    steps: int
    plan: Plan | None
    source: Picture | None
    mask: Mask | None
    stepped: tuple[Stepped, ...]


@dataclass(frozen=True)
class StepsGone:
    """The steps that `Recall` asked for are no longer kept; they can be made again."""

    run: str


@dataclass(frozen=True)
class Warned:
    """Something beside the run did not work; the run goes on."""

    run: str
    message: str
    hint: str


Event = (
    Awake
    | Catalogued
    | Queued
    | Loading
    | Started
    | Paused
    | Resumed
    | Edited
    | Stepped
    | Finished
    | Stopped
    | Failed
    | Recalled
    | StepsGone
    | Warned
    | Planned
    | Looked
    | Explained
    | Forwarded
    | Began
    | Counted
    | Named
    | Exporting
    | Exported
    | HubEvent
)
