"""The history: pictures made before, newest first."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from psygnal import Signal

from studio.core.errors import StudioError
from studio.core.picture import Picture
from studio.session import files
from studio.session.desk import Known
from studio.session.lineage import Kin, families, missing
from studio.session.message import Message, Offer

if TYPE_CHECKING:
    from studio.library.library import Entry, Removed
    from studio.library.unfinished import Unfinished
    from studio.session.session import Session

PAGE = 120


class Past:
    """What can be done with an older picture. `entries` is read a page at a time."""

    changed = Signal()

    def __init__(self, session: Session) -> None:
        self.session = session
        self.entries: tuple[Entry, ...] = ()
        self.complete = False
        """Whether there is nothing older than the last entry."""
        self.query = ""
        """Words that all entries have."""

    def refresh(self) -> None:
        """Read the newest entries again, as many as are shown."""
        wanted = max(PAGE, len(self.entries) + 1)
        try:
            self.entries = self.session.library.history(wanted, match=self.query)
        except StudioError as error:
            self.session.say(Message.of(error))
            return
        self.complete = len(self.entries) < wanted
        self.changed.emit()

    def more(self) -> None:
        """Read one more page of older entries."""
        if self.complete or not self.entries:
            return
        try:
            older = self.session.library.history(PAGE, self.entries[-1].id, self.query)
        except StudioError as error:
            self.session.say(Message.of(error))
            return
        self.complete = len(older) < PAGE
        self.entries += older
        self.changed.emit()

    def search(self, words: str) -> None:
        """Keep to entries with all these words in prompt, model, sampler, seed or file name."""
        words = " ".join(words.split())
        if words != self.query:
            self.query, self.entries = words, ()
            self.refresh()

    def families(self) -> tuple[Kin, ...]:
        """The entries as trees of runs, with those that they branched from."""
        try:
            above = self.session.library.of_runs(sorted(missing(self.entries)))
        except StudioError as error:
            self.session.say(Message.of(error))
            above = ()
        return families((*self.entries, *above), () if self.query else self._unfinished())

    def _unfinished(self) -> tuple[Unfinished, ...]:
        """Without those that are still going."""
        going = {run.id for run in self.session.queue.active}
        return tuple(one for one in self.session.library.unfinished() if one.run not in going)

    def look_at_steps(self, run: str) -> None:
        """Look at how far a run came that was stopped."""
        viewing = self.session.viewing
        gone = Message("The steps of this run are no longer kept.", kind="warning")
        self.session.recalls.want(
            run,
            lambda found: viewing.select(found, found.newest),
            lambda: self.session.say(gone),
        )

    def parent(self, entry: Entry) -> Entry | None:
        """The same picture of the batch of the run that this one branched from, if it is kept."""
        origin = entry.record.origin
        if origin is None:
            return None
        try:
            kept = self.session.library.of_runs([origin.run])
        except StudioError as error:
            self.session.say(Message.of(error))
            return None
        images = {found.record.image: found for found in kept}
        return images.get(entry.record.image) or next(iter(images.values()), None)

    def show_parent(self, entry: Entry) -> None:
        """Look at the picture that this one branched from."""
        parent = self.parent(entry)
        if parent is not None:
            self.look(parent)
        elif entry.record.origin is None:
            self.session.say(Message("This picture was not branched from another.", kind="warning"))
        else:
            words = "The picture that this one branched from is no longer kept."
            self.session.say(Message(words, kind="warning"))

    def look(self, entry: Entry) -> None:
        """Look at the picture, without changing what is worked on."""
        picture = self._open(entry)
        if picture:
            self.session.viewing.look_back(picture, Known(entry.path, entry.record))
            self._accompany(entry)

    def show_steps(self, entry: Entry) -> None:
        """Look at the picture and its steps; they can be made again if they are gone."""
        picture = self._open(entry)
        if picture:
            self.session.viewing.look_back(picture, Known(entry.path, entry.record))
            self._accompany(entry, lambda: self._offer(entry))

    def _accompany(self, entry: Entry, gone: Callable[[], object] | None = None) -> None:
        viewing = self.session.viewing
        gone = gone or viewing.unaccompanied
        self.session.recalls.want(entry.record.run, viewing.accompany, gone)

    def _offer(self, entry: Entry) -> None:
        session, record = self.session, entry.record
        session.viewing.unaccompanied()
        if not record.run:
            session.say(Message("It is not known which run made this picture.", kind="warning"))
            return

        def again() -> None:
            session.recalls.again(record, lambda run: session.viewing.select(run, run.newest))

        session.say(
            Message(
                "The steps of this picture are no longer kept.",
                "They can be made again; the picture stays as it is.",
                offers=(Offer("Make the steps again", again),),
            )
        )

    def place(self, entry: Entry) -> None:
        """Put the picture back on the canvas, as when it was made."""
        picture = self._open(entry)
        if picture:
            self.session.viewing.look_back(picture, Known(entry.path, entry.record))
            self.session.viewing.settle()
            self._accompany(entry)

    def use_as_source(self, entry: Entry) -> None:
        """Start the next run from this picture."""
        picture = self._open(entry)
        if picture:
            self.session.desk.remember(picture, Known(entry.path, entry.record))
            files.bring(self.session, picture, entry.path.name)

    def use_recipe(self, entry: Entry) -> None:
        """Set everything as it was, seed included.

        Of a picture made from nothing but its recipe, Generate then makes the same again.
        """
        record = entry.record
        self.session.settings.adopt(replace(record.recipe, batch=1), record.mask is not None)
        more = ""
        if record.origin:
            more = "This picture was branched from another run: that is not set with it."
        elif record.source:
            name = record.source.name or "another picture"
            more = f"This picture was made from {name}: open that to make it again."
        again = "" if more else " Generate makes this picture again."
        self.session.say(Message(f"The recipe is set.{again}", more))

    def use_seed(self, entry: Entry) -> None:
        self.session.settings.seed = entry.record.recipe.seed
        self.session.settings.random_seed = False

    def prompts(self) -> tuple[str, ...]:
        """Prompts that pictures were asked for with, newest first, each once."""
        runs = [run.recipe.prompt for run in reversed(self.session.queue.runs.values())]
        kept = [entry.record.recipe.prompt for entry in self.entries]
        return tuple(dict.fromkeys(prompt for prompt in runs + kept if prompt))

    def remove(self, *entries: Entry, with_file: bool = False) -> None:
        """Take them out of the history, and say so with a way back.

        The files stay, or `with_file` go to the folder of removed pictures.
        """
        removed = []
        try:
            for entry in entries:
                gone = self.session.library.remove(entry.id, with_file)
                if gone is not None:
                    removed.append(gone)
        except StudioError as error:
            self.session.say(Message.of(error))
        ids = {gone.id for gone in removed}
        self.entries = tuple(e for e in self.entries if e.id not in ids)
        self.changed.emit()
        if removed:
            what = "the picture" if len(removed) == 1 else f"{len(removed)} pictures"
            where = "" if with_file else " The file stays where it is."
            undo = Offer("Undo", lambda: self.put_back(removed))
            self.session.say(Message(f"Removed {what} from the history.{where}", offers=(undo,)))

    def put_back(self, removed: Sequence[Removed]) -> None:
        """Undo a removal."""
        try:
            for gone in removed:
                self.session.library.put_back(gone)
        except StudioError as error:
            self.session.say(Message.of(error))
        self.refresh()

    def _open(self, entry: Entry) -> Picture | None:
        from studio.imaging.opening import open_picture

        try:
            limit = round(self.session.preferred.now.largest_picture * 1e6)
            return open_picture(entry.path, limit).picture
        except StudioError as error:
            self.session.say(Message.of(error))
            return None
