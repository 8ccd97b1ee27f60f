"""Taking a run's steps away: what is chosen, what is being written, what came of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from psygnal import Signal

from studio.core.errors import BadInput, StudioError
from studio.core.events import Exported, Exporting
from studio.core.exports import FORMS, Export, Form
from studio.core.wishes import GUIDED, VIEWS, View
from studio.session.backend import Backend
from studio.session.message import Message
from studio.session.runs import RunView
from studio.session.viewing import guided


@dataclass(frozen=True)
class Choices:
    """How steps are exported; fields mean what `Export`'s mean. Remembered."""

    form: Form = "webp"
    view: View = "x0"
    fps: float = 8.0
    hold: float = 1.5
    caption: bool = True
    width: int = 0
    exact: bool = True


@dataclass(frozen=True)
class Going:
    """An export under way."""

    path: Path
    done: int = 0
    total: int = 0


class Exports:
    """One thread's: the window's."""

    changed = Signal()
    """`choices` or `going` may have changed."""

    def __init__(self, backend: Backend, say: Callable[[Message], None]) -> None:
        self._backend = backend
        self._say = say
        self.choices = Choices()
        self.going: dict[str, Going] = {}

    def choose(self, **changes: Any) -> None:
        """Set some of the choices."""
        self.choices = replace(self.choices, **changes)
        self.changed.emit()

    def views(self, run: RunView | None) -> tuple[tuple[View, str, str], ...]:
        """The views that all of this run's steps have."""
        able = run is not None and all(guided(run, step) for step in run.levels)
        return tuple(view for view in VIEWS if able or view[0] not in GUIDED)

    def frames(self, run: RunView) -> int:
        return len(run.previews)

    def seconds(self, run: RunView) -> float:
        """How long the animation will be."""
        return self.frames(run) / self.choices.fps + self.choices.hold

    def start(self, run: RunView, path: Path) -> str | None:
        """Ask for the export; its id, or None and a message if it cannot be done."""
        chosen = self.choices
        suffix = FORMS[chosen.form].suffix
        if suffix and path.suffix.lower() != suffix:
            path = path.with_name(path.name + suffix)
        view = chosen.view if chosen.view in [name for name, _, _ in self.views(run)] else "x0"
        asked = Export(
            run.id,
            chosen.form,
            path,
            run.image,
            view,
            chosen.fps,
            chosen.hold,
            chosen.caption,
            chosen.width,
            chosen.exact,
        )
        try:
            id = self._backend.export(asked.check())
        except StudioError as error:
            self._say(Message.of(error, "warning" if isinstance(error, BadInput) else "error"))
            return None
        # A backend that tells at once has already made this one known, or over.
        self.going.setdefault(id, Going(path))
        self.changed.emit()
        return id

    def cancel(self, id: str) -> None:
        self._backend.cancel(id)

    def fold(self, event: Exporting | Exported) -> None:
        """Take in what the engine tells of an export."""
        match event:
            case Exporting(export=id, path=path, done=done, total=total):
                self.going[id] = Going(path, done, total)
            case Exported(export=id, path=path, written=written):
                self.going.pop(id, None)
                if written:
                    self._say(Message(f"The steps are in {path.name}.", f"Folder: {path.parent}"))
        self.changed.emit()

    def to_json(self) -> dict[str, Any]:
        return asdict(self.choices)

    def from_json(self, data: Mapping[str, Any]) -> None:
        """Take over what `to_json` wrote; if any of it cannot be used, nothing."""
        with suppress(BadInput, TypeError, ValueError, KeyError):
            usual = asdict(Choices())
            known = {key: type(usual[key])(data[key]) for key in usual if key in data}
            chosen = Choices(**known)
            form = FORMS[chosen.form]
            probe = Export("", chosen.form, Path(f"a{form.suffix}"), 0, chosen.view, chosen.fps)
            replace(probe, hold=chosen.hold, width=chosen.width).check()
            self.choices = chosen
