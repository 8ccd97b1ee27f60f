"""What the engine's thread does with a job: load the model, run it, tell what went wrong."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from contextlib import suppress
from threading import Event as Flag

import torch

from studio.core.errors import Cancelled, Missing, OutOfMemory
from studio.core.events import (
    Awake,
    Catalogued,
    Event,
    Exported,
    Exporting,
    Failed,
    Loading,
    Looked,
    Stepped,
    Stopped,
    Warned,
)
from studio.core.limits import Limits
from studio.core.picture import Picture
from studio.core.recipe import Recipe
from studio.core.request import Fork, Request
from studio.core.wishes import Begin, Look, Recall, Wish
from studio.engine.archive import Archive, Forgotten
from studio.engine.beginning import Encodings, exactly
from studio.engine.branch import parent_of
from studio.engine.device import device_name, thread_count
from studio.engine.export import Frames, export
from studio.engine.failures import explained
from studio.engine.generate import generate
from studio.engine.interrupt import check, interruptible
from studio.engine.memory.keeper import Keeper
from studio.engine.memory.models import Models
from studio.engine.memory.room import Room
from studio.engine.recall import recalled, remake
from studio.engine.tasks import Errand, Filming, Job
from studio.engine.trajectory import Trajectory
from studio.engine.views import exact, inlay_of, quick
from studio.imaging.cropping import scaled
from studio.library.library import Library
from studio.models.adapters.finding import Finder
from studio.models.catalogue import Catalogue
from studio.models.family import Family
from studio.models.loading import load


class Worker:
    """Owns the device and the loaded model. Used from the engine's thread only."""

    def __init__(
        self,
        library: Library,
        catalogue: Catalogue,
        listen: Callable[[Event], None],
        device: str = "",
        limits: Callable[[], Limits] = Limits,
        threads: int = 0,
        room: Room | None = None,
    ) -> None:
        self._library = library
        self._catalogue = catalogue
        self._listen = listen
        self.finder = Finder(library.folders.data, lambda: catalogue.shelf.files)
        self._models = Models(listen, catalogue, self.finder, device, limits, room)
        self._threads = threads
        self.archive = Archive(
            library, limits, lambda why: listen(Warned("", why.message, why.hint))
        )
        self.encodings = Encodings()
        self._guard("", self._awake)

    def run(self, job: Job, idle: Callable[[], bool]) -> None:
        """Work off one request; whatever happens is told, and the next one can come.

        `idle` does a piece of other work while the run is paused.
        """
        self._guard(job.run, lambda: self._generate(job, idle))

    def can(self, wish: Wish) -> bool:
        """Whether a wish can be granted with the model that is loaded, and soon."""
        match wish:
            case Look(run=run) if run in self.archive:
                recipe = self.archive.get(run).record.recipe
            case Begin(request=request):
                recipe = request.recipe
            case _:
                return False
        loaded = self._models.current
        if loaded is None or loaded.name != recipe.model:
            return False
        return bool(recipe.vae) == (loaded.vae is not None)

    def answer(self, errand: Errand) -> None:
        """Grant one wish. A failure is nobody's run's, which has ended, unless it goes again."""
        run = errand.wish.run if isinstance(errand.wish, Recall) else ""
        self._guard(run, lambda: self._grant(errand.wish, errand.cancel))

    def _grant(self, wish: Wish, cancel: Flag) -> None:
        match wish:
            case Recall():
                self._listen(recalled(self._steps(wish.run, cancel, self._listen)))
            case Look():
                self._look(wish, cancel)
            case Begin():
                family, _ = self._family(wish.request.recipe, "", cancel)
                self._planned(family, wish.request)
                with self._models.room.watched(), interruptible(family.networks(), cancel):
                    self._listen(exactly(wish, family, self.encodings))
            case _:
                raise TypeError(f"{wish} needs no model: it is the darkroom's")

    def film(self, filming: Filming) -> bool:
        """Make one more frame of an export; False when it has ended, in whatever way."""
        asked, progress, written = filming.export, None, False

        def make() -> None:
            nonlocal progress, written
            with suppress(Cancelled):
                check(filming.cancel)
                filming.frames = filming.frames or self._frames(filming)
                progress = next(filming.frames, None)
                written = progress is None

        self._guard("", make)
        if progress is not None:
            self._listen(Exporting(asked.run, filming.id, asked.path, *progress))
            return True
        if filming.frames is not None:
            filming.frames.close()
        self._listen(Exported(asked.run, filming.id, asked.path, written))
        return False

    def _frames(self, filming: Filming) -> Frames:
        asked = filming.export
        if asked.folder is None:
            self._steps(
                asked.run, filming.cancel, lambda event: self._listen(_again(asked.run, event))
            )
        trajectory = parent_of(Fork(asked.run, 0, asked.folder), self._library, self.archive)
        recipe = trajectory.record.recipe
        name = recipe.model
        inlay = inlay_of(trajectory)

        def frame(index: int) -> Picture:
            look = Look(asked.run, index, asked.image, asked.view)
            if not asked.exact and trajectory.preview is not None:
                small = quick(trajectory, look, inlay)[0]
                return small if inlay else Picture(scaled(small.pixels, recipe.size))
            family, _ = self._family(recipe, asked.run, filming.cancel)
            return self._exact(trajectory, look, family, filming.cancel)[0]

        titles = {info.name: info.title for info in self._catalogue.models()}
        return export(asked, trajectory, frame, titles.get(name, name))

    def _awake(self) -> None:
        torch.set_num_threads(self._threads or thread_count())
        # The same request has to give the same bits, on a graphics card too.
        torch.backends.cudnn.benchmark = False
        torch.backends.cudnn.deterministic = True
        self._listen(Catalogued(self._catalogue.models()))
        device = self._models.room.device
        self._listen(Awake(str(device), device_name(device)))

    def _generate(self, job: Job, idle: Callable[[], bool]) -> None:
        check(job.cancel)
        family, model_hash = self._family(job.request.recipe, job.run, job.cancel)
        fork = job.request.fork
        if fork and fork.folder is None:
            self._steps(fork.run, job.cancel, lambda event: self._listen(_again(job.run, event)))
        keeper = self._planned(family, job.request, job.run)
        with self._models.room.watched():
            for event in generate(
                job.request,
                job.run,
                family,
                model_hash,
                self._library,
                self.archive,
                job.cancel,
                job.helm,
                idle,
                keeper,
            ):
                self._listen(event)

    def _planned(self, family: Family, request: Request, run: str = "") -> Keeper:
        """How the device is shared from now on; told with the run's own events, if it is one."""
        keeper = self._models.keeper(run, family)
        keeper.plan(request)
        return keeper

    def _exact(
        self, trajectory: Trajectory, look: Look, family: Family, cancel: Flag
    ) -> tuple[Picture, float]:
        """The view through the decoder, in as little memory as it takes."""
        keeper = self._planned(family, Request(trajectory.record.recipe))
        with self._models.room.watched(), interruptible(family.networks(), cancel):
            return keeper.within("decode", lambda: exact(trajectory, look, family))

    def _look(self, look: Look, cancel: Flag) -> None:
        trajectory = self._steps(
            look.run, cancel, lambda event: self._listen(_again(look.run, event))
        )
        family, _ = self._family(trajectory.record.recipe, look.run, cancel)
        picture, scale = self._exact(trajectory, look, family, cancel)
        self._listen(
            Looked(look.run, look.index, look.image, picture, look.view, True, scale, look.pure)
        )

    def _steps(self, run: str, cancel: Flag, tell: Callable[[Event], None]) -> Trajectory:
        """The run as it is kept; or taken again from its picture's record, if it no longer is."""
        try:
            return self.archive.get(run)
        except Forgotten:
            record = self._library.record_of(run)
            if record is None:
                raise

        def load(recipe: Recipe) -> tuple[Family, str]:
            family, model_hash = self._family(recipe, run, cancel)
            self._planned(family, Request(recipe))
            return family, model_hash

        for event in remake(record, load, self._library, self.archive, cancel):
            tell(event)
        return self.archive.get(run)

    def _family(self, recipe: Recipe, run: str, cancel: Flag) -> tuple[Family, str]:
        """The recipe's model, loaded now or still there, and the hash of its files."""
        return self._models.get(recipe, run, cancel, load)

    def _guard(self, run: str, work: Callable[[], None]) -> None:
        """The one place where errors of a run end: told with what to do, and the engine goes on."""
        try:
            work()
        except Cancelled:
            self._listen(Stopped(run))
        except Exception as error:  # noqa: BLE001 - the top of the worker's loop
            known = explained(error)
            details = "".join(traceback.format_exception(error))
            if isinstance(known, OutOfMemory):
                # The traceback keeps every tensor of the failed run alive.
                traceback.clear_frames(error.__traceback__)
                self._models.room.tidy()
            missing = known.what if isinstance(known, Missing) else ""
            self._listen(Failed(run, known.message, known.hint, details, missing))


def _again(run: str, event: Event) -> Event:
    """What a run hears while another's steps are made again for it."""
    done = f": {event.index + 1} of {event.steps}" if isinstance(event, Stepped) else ""
    return Loading(run, f"Making the steps again{done}")
