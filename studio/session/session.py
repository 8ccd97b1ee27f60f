"""Everything the window shows and does, without a window."""

from __future__ import annotations

import random
from pathlib import Path
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from psygnal import Signal

from studio.core.downloads import HubEvent
from studio.core.errors import BadInput, StudioError
from studio.core.events import (
    Awake,
    Catalogued,
    Event,
    Exported,
    Exporting,
    Failed,
    Finished,
    Looked,
    Queued,
    Started,
    Stepped,
    Stopped,
    Warned,
)
from studio.core.model_info import ModelInfo
from studio.core.picture import Mask, Picture
from studio.core.recipe import MAX_SEED, Recipe
from studio.core.record import Asset
from studio.core.request import Request
from studio.core.saving import Saving
from studio.session import asking, files
from studio.session.adapters import Adapters
from studio.session.backend import Backend
from studio.session.clerk import Clerk
from studio.session.collection import Collection
from studio.session.comparison import Comparison
from studio.session.desk import Action, Desk
from studio.session.document import Document
from studio.session.downloads import Downloads
from studio.session.early import deferred
from studio.session.exporting import Exports
from studio.session.message import Message
from studio.session.past import Past
from studio.session.planner import Planner
from studio.session.preferences import Preferences, Preferred
from studio.session.queue import Queue
from studio.session.recall import Recalls
from studio.session.runs import RunView
from studio.session.settings import Settings
from studio.session.sights import Sights
from studio.session.steering import GONE, Choices, Steering
from studio.session.viewing import SLOT, Viewing

if TYPE_CHECKING:  # The window is painted before the library is asked for anything.
    from studio.library.library import Library


class Session:
    """One thread's: the window's. `receive` takes the engine's events on that thread."""

    models_changed = Signal()
    step_taken = Signal(RunView, int)
    action_changed = Signal()
    """`action` or `why_not` may have changed."""
    said = Signal(Message)
    asked = Signal()
    """A run was asked for, and is queued."""
    brought = Signal()
    """A picture of the person's is about to be worked on."""
    heard = Signal(object)
    """Every event of the engine, as it comes: for what follows only some of them."""
    awake = Signal(str)
    """The name of the device, once the engine is ready."""

    def __init__(self, backend: Backend, library: Library) -> None:
        self.queue = Queue(backend, lambda: self.viewing.run)
        self.library = library
        self.settings = Settings()
        self.preferred = Preferred()
        self.preferred.changed.connect(self._preferred)
        self.desk = Desk()
        self.sights = Sights(backend)
        self.viewing = Viewing(self.desk, self.sights)
        self.viewing.changed.connect(lambda: self.sights.look(SLOT, self.viewing.place))
        self.comparison = Comparison(self.viewing, self.queue, self.sights)
        self.past = Past(self)
        self.recalls = Recalls(self.queue)
        self.steering = Steering(self)
        self.heard.connect(self.recalls.fold)
        self.clerk = Clerk()
        self.collection = Collection()
        self.adapters = Adapters(self)
        self.collection.said.connect(self.say)
        self.collection.catalogued.connect(self.receive)
        self.asked.connect(lambda: self.collection.liked.use(self.settings.model))
        self.saving = Saving()
        """How pictures are saved, until the person says otherwise."""
        self.exports = Exports(backend, self.say)
        self.downloads = Downloads(self.say, lambda name: setattr(self.settings, "model", name))
        self.models: tuple[ModelInfo, ...] = ()
        self.catalogued = False
        self.device = ""
        self.restored = False
        """Whether the settings are those of an earlier time, rather than a model's defaults."""
        self.kept: WeakKeyDictionary[Picture | Mask, Asset] = WeakKeyDictionary()
        """Pictures and masks that are in the library already."""
        self._model: ModelInfo | None = None
        self.planner = Planner(self)
        self.desk.changed.connect(self.action_changed.emit)
        self.settings.events.connect(self._settings_changed)
        self.settings.events.model.connect(self._model_changed)

    @property
    def document(self) -> Document:
        return self.desk.document

    # What Generate would do

    @property
    def action(self) -> Action:
        return self.desk.action

    @property
    def model(self) -> ModelInfo | None:
        """The chosen model, if the catalogue has it."""
        return next((m for m in self.models if m.name == self.settings.model), None)

    @property
    def why_not(self) -> BadInput | None:
        """What keeps the action from being done; None if it can be."""
        return asking.hindrance(self)

    def recipe(self) -> Recipe:
        """The settings, with the strength that goes with the action."""
        return asking.recipe_of(self)

    # Doing it

    def generate(self) -> RunView | None:
        """Queue what `action` says; None, and a message, if it cannot be done."""
        if deferred(self):
            return None
        why_not = self.why_not
        if why_not is not None:
            self.say(Message.of(why_not, "warning"))
            return None
        if self.settings.random_seed:
            self.settings.seed = random.randrange(MAX_SEED + 1)
        return self.submit(asking.request_of(self), edits=self.action != "generate")

    def branch(self, run: str, step: int, choices: Choices | None = None) -> RunView | None:
        """Go on from a step of a run; without choices with the settings as they are now."""
        before = self.queue.runs.get(run)
        if before is None:
            self.say(GONE)
            return None
        return self.steering.branch(before, step, choices or Choices())

    def submit(self, request: Request, edits: bool) -> RunView | None:
        """Queue a request; None, and a message, if it is refused. `edits`: see `RunView`."""
        self.viewing.offer = None
        try:
            run = self.queue.submit(request, edits)
        except StudioError as error:
            self.say(Message.of(error))
            return None
        self.asked.emit()
        if len(self.queue.active) == 1:
            self.viewing.follow(run)
        return run

    # What the engine tells

    def receive(self, event: Event) -> None:
        """Take in one event of the engine."""
        self.heard.emit(event)
        if isinstance(event, HubEvent):
            self.downloads.fold(event)
            return
        match event:
            case Awake(device_name=name):
                self.device = name
                self.awake.emit(name)
                return
            case Catalogued(models=models):
                self._catalogued(models)
                return
            case Failed(run="", message=message, hint=hint, details=details):
                self.say(Message(message, hint, "error", details))
                return
            case Warned(message=message, hint=hint):
                self.say(Message(message, hint, "warning"))
                return
            case Exporting() | Exported():
                self.exports.fold(event)
                return
            case Looked():
                self.sights.fold(event)
                return
            case Stepped(run=id):
                self.sights.grown(id)
            case Queued(run=id, recipe=recipe):
                self.queue.know(id, recipe)
        run = self.queue.fold(event)
        if isinstance(event, Started) and run:
            self.viewing.follow(run)
        elif isinstance(event, Stepped) and run:
            self.step_taken.emit(run, event.index)
        elif isinstance(event, Finished) and run:
            self.viewing.finished(run)
            self.past.refresh()
        elif isinstance(event, Failed) and run:
            hint = f"{event.hint} {self.viewing.rescue(run)}".strip()
            offers = self.downloads.offers(event.missing)
            self.say(Message(event.message, hint, "error", event.details, offers))
            self.look()
        elif isinstance(event, Stopped) and run:
            self.steering.stopped(run)
        if isinstance(event, Failed | Stopped) and run:
            self.past.refresh()  # Pictures of the batch may have been saved, and steps are.
        if self.viewing.run and event.run == self.viewing.run.id:
            self.viewing.changed.emit()

    def select_step(self, step: int | None) -> None:
        """Look at a step of the run in the strip; None goes back to the picture."""
        self.viewing.select(self.viewing.run, step)

    def look(self) -> None:
        """Ask for what is looked at at full quality, unless it is there already."""
        self.sights.rest()

    @property
    def seed_shown(self) -> int | None:
        """The seed of the picture that is looked at, if it was made here."""
        shown = self.viewing.shown
        picture = shown.picture if shown else self.document.picture
        known = self.desk.known(picture) if picture else None
        if known:
            return known.record.recipe.seed
        run = self.viewing.run
        return run.recipe.single(run.image).seed if run else None

    def _preferred(self, now: Preferences) -> None:
        self.queue.backend.configure(now.limits)
        self.queue.budget = now.limits.window
        self.downloads.prefer(now)

    def say(self, message: Message) -> None:
        self.said.emit(message)

    # Models

    def _catalogued(self, models: tuple[ModelInfo, ...]) -> None:
        self.models, self.catalogued = models, True
        if self.model is None and models:
            self.settings.model = models[0].name
        if self._model is None and self.model and not self.restored:
            self.settings.suit(self.model, None)
        self._model = self.model
        self.models_changed.emit()
        self.action_changed.emit()

    def _model_changed(self) -> None:
        if self.model and self.model is not self._model:
            if self._model is not None:
                self.settings.suit(self.model, self._model)
            self._model = self.model

    def _settings_changed(self, *_: object) -> None:
        self.action_changed.emit()

    # Files and the next start

    def open_file(self, path: Path) -> bool:
        """Open a picture to work on; False, and a message, if it is clear already that it cannot
        be. It comes when it is read; of several the newest."""
        return files.open_file(self, path)

    def close_picture(self) -> None:
        """Take the picture off the canvas, and what is looked at with it."""
        self.viewing.offer = None
        self.viewing.select(self.viewing.run, None)
        self.desk.clear()

    def save_as(self, path: Path, saving: Saving | None = None) -> bool:
        """Save what is looked at, as `saving` says or as always; False, and a message, if there is
        nothing or it is clear already that it cannot be."""
        return files.save_as(self, path, saving)

    @property
    def name_shown(self) -> str:
        """What to call the picture that is looked at, in a file."""
        shown = self.viewing.shown
        known = self.desk.known(shown.picture) if shown else None
        return (known.path.name if known else self.document.name) or "picture"
