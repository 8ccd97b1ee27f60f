"""Comparing with what is not in sight: pictures of the history, and the run a branch came from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from studio.core.errors import StudioError
from studio.session.message import Message
from studio.session.panes import Pane, Still
from studio.session.runs import RunView

if TYPE_CHECKING:
    from studio.library.library import Entry
    from studio.session.session import Session


def compare_entry(session: Session, entry: Entry) -> None:
    """Compare what is looked at with a picture of the history: with its steps, if they are kept."""
    from studio.imaging.opening import open_picture

    if session.viewing.shown is None and session.document.picture is None:
        session.say(Message("Nothing is looked at yet.", "Open or look at a picture first."))
        return
    try:
        picture = open_picture(entry.path).picture
    except StudioError as error:
        session.say(Message.of(error))
        return
    still = Still(picture, entry.record.recipe.prompt or entry.path.name)

    def with_steps(run: RunView) -> None:
        session.comparison.start(Pane(run.id, image=entry.record.image))

    session.recalls.want(entry.record.run, with_steps, lambda: session.comparison.start(still))


def compare_with_parent(session: Session, run: RunView) -> None:
    """Compare a branch with the run it came from, whose steps are read if they are not here."""

    def gone() -> None:
        text = "The steps of the run it came from are no longer kept."
        session.say(Message(text, "Compare with its picture, in the history.", "warning"))

    if not session.comparison.with_parent(run):
        session.recalls.want(run.parent, lambda _: session.comparison.with_parent(run), gone)


def compare_entry_with_parent(session: Session, entry: Entry) -> None:
    """The same for a picture of the history."""

    def compare(run: RunView) -> None:
        session.viewing.accompany(run)
        compare_with_parent(session, run)

    session.past.look(entry)
    session.recalls.want(entry.record.run, compare, lambda: session.past.show_steps(entry))
