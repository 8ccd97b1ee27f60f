"""What is on the canvas, kept while one works, so that not even a crash loses it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from studio.core.errors import StudioError
from studio.core.record import Asset

if TYPE_CHECKING:
    from studio.session.session import Session


def keep(session: Session, then: Callable[[], object]) -> None:
    """Have the clerk write picture and masks down, and call `then` if that was needed.

    Not in the middle of a stroke, whose end asks again: a mask is copied here, and written there.
    A picture goes into the library, masks to where the next ones take their place.
    """
    document = session.document
    picture = document.picture
    if picture is None or document.painting:
        return
    # A picture made here is a file of its own.
    new = None if session.desk.known(picture) or picture in session.kept else picture
    masks = [mask for coat in document.coats.values() if (mask := coat.mask) is not None]
    if new is None and all(mask in session.kept for mask in masks):
        return
    name, library = document.name, session.library

    def work() -> tuple[Asset | None, list[Asset]]:
        return library.keep(new, name) if new else None, library.spare(masks)

    def done(outcome: tuple[Asset | None, list[Asset]] | StudioError) -> None:
        if isinstance(outcome, StudioError):
            return  # a run, or the end of the session, will say why
        asset, spare = outcome
        if new is not None and asset is not None:
            session.kept[new] = asset
        for mask, kept in zip(masks, spare, strict=True):
            session.kept[mask] = kept
        then()

    session.clerk.do("safe", "", work, done)
