"""What is on the canvas, kept while one works, so that not even a crash loses it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from studio.core.errors import StudioError
from studio.core.picture import Mask, Picture
from studio.core.record import Asset

if TYPE_CHECKING:
    from studio.session.session import Session


def keep(session: Session, then: Callable[[], object]) -> None:
    """Have the clerk put picture and masks into the library, and call `then` if that was needed.

    Not in the middle of a stroke, whose end asks again: a mask is copied here, and written there.
    """
    document = session.document
    picture = document.picture
    if picture is None or document.painting:
        return
    items: list[tuple[Picture | Mask, str]] = []
    if session.desk.known(picture) is None:  # else it is a file of its own
        items.append((picture, document.name))
    masks = (coat.mask for coat in document.coats.values())
    items += [(mask, "mask") for mask in masks if mask is not None]
    items = [(item, name) for item, name in items if item not in session.kept]
    if not items:
        return

    def work() -> list[Asset]:
        return [session.library.keep(item, name) for item, name in items]

    def done(outcome: list[Asset] | StudioError) -> None:
        if isinstance(outcome, StudioError):
            return  # a run, or the end of the session, will say why
        for (item, _), asset in zip(items, outcome, strict=True):
            session.kept[item] = asset
        then()

    session.clerk.do("safe", "", work, done)
