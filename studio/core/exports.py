"""What may be taken away of a run's steps, and in which form."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Self

from studio.core.errors import BadInput
from studio.core.wishes import VIEWS, View

Form = Literal["webp", "gif", "mp4", "frames", "sheet", "pdf", "tensors", "numbers"]


@dataclass(frozen=True)
class FormInfo:
    """`suffix` is that of the file; "" for a folder of files. `moving`: it has a frame rate.
    `pictured`: it shows a view of the steps, so view, caption and width count."""

    name: Form
    title: str
    suffix: str
    text: str
    pictured: bool = True
    moving: bool = False


FORMS: dict[str, FormInfo] = {
    form.name: form
    for form in (
        FormInfo("webp", "Animated WebP", ".webp", "small, in full colour", moving=True),
        FormInfo("gif", "Animated GIF", ".gif", "plays everywhere, 256 colours", moving=True),
        FormInfo("mp4", "Video (MP4)", ".mp4", "H.264, for slides and films", moving=True),
        FormInfo("frames", "Pictures (PNG)", "", "a folder with one PNG a step"),
        FormInfo("sheet", "Contact sheet (PNG)", ".png", "all steps on A4 pages"),
        FormInfo("pdf", "Contact sheet (PDF)", ".pdf", "all steps on A4 pages, to print"),
        FormInfo("tensors", "Tensors", ".safetensors", "latents and noise levels", pictured=False),
        FormInfo("numbers", "Numbers (CSV)", ".csv", "one row a step", pictured=False),
    )
}
FPS = (0.5, 60.0)
MAX_HOLD = 60.0
WIDTHS = (16, 4096)


@dataclass(frozen=True)
class Export:
    """Steps of one picture of a run, to be written to `path`: a file, or a folder of frames.

    `hold`: seconds that the last frame stays longer. `width` of a frame in pixels, 0 for the
    picture's own. `exact`: through the model's decoder; otherwise its quick preview.
    `folder` is where the trajectory was written, for a run that is not in the library.
    """

    run: str
    form: Form
    path: Path
    image: int = 0
    view: View = "x0"
    fps: float = 8.0
    hold: float = 1.5
    caption: bool = True
    width: int = 0
    exact: bool = True
    folder: Path | None = None

    @property
    def info(self) -> FormInfo:
        return FORMS[self.form]

    def check(self) -> Self:
        """This export, or BadInput with one sentence about what cannot work."""
        if self.form not in FORMS:
            raise BadInput(f"There is no export named {self.form}.", f"Use one of: {_all(FORMS)}.")
        names = [name for name, _, _ in VIEWS]
        if self.view not in names:
            raise BadInput(f"There is no view named {self.view}.", f"Use one of: {_all(names)}.")
        _between("Frames a second", self.fps, *FPS)
        _between("Hold", self.hold, 0.0, MAX_HOLD)
        if self.width:
            _between("Width", self.width, *WIDTHS)
        if self.info.suffix and self.path.suffix.lower() != self.info.suffix:
            raise BadInput(
                f"{self.path.name} does not end in {self.info.suffix}.",
                f"Name it {self.path.with_suffix(self.info.suffix).name}.",
            )
        return self


def form_of(path: Path) -> Form:
    """What a file's name asks for: its suffix; a PNG is a contact sheet, no suffix a folder.

    Raises BadInput for any other.
    """
    suffix = path.suffix.lower()
    found = next((form.name for form in FORMS.values() if form.suffix == suffix), None)
    if found is None:
        endings = _all(form.suffix for form in FORMS.values() if form.suffix)
        raise BadInput(
            f"Steps cannot be exported as {path.name}.",
            f"Use one of: {endings}; or a folder, for one PNG a step.",
        )
    return found


def _all(names: Iterable[str]) -> str:
    return ", ".join(dict.fromkeys(names))


def _between(label: str, value: float, low: float, high: float) -> None:
    if not (math.isfinite(value) and low <= value <= high):
        raise BadInput(f"{label} must be between {low:g} and {high:g}, not {value:g}.")
