"""What is kept of a session for the next start: settings, picture and mask."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from studio.core.errors import BadInput, StudioError
from studio.core.picture import Mask, Picture
from studio.core.record import Asset, Record
from studio.session.desk import Known
from studio.session.message import Message

if TYPE_CHECKING:
    from studio.session.session import Session


def snapshot(session: Session, quick: bool = False) -> dict[str, Any]:
    """JSON. Raises nothing: what cannot be kept (a full disk) is left out, and said.

    `quick` leaves out a picture or mask that is not in the library yet: writing it takes long.
    """
    data: dict[str, Any] = {"settings": session.settings.to_json()}
    picture, mask = session.document.picture, session.document.mask
    try:
        asset = _keep(session, picture, session.document.name, quick)
        if picture is None or asset is None:
            return data
        data["picture"] = _asset(asset)
        data["use_source"] = session.desk.use_source
        known = session.desk.known(picture)
        if known:
            data["known"] = {"path": str(known.path), "record": known.record.to_json()}
        asset = _keep(session, mask, "mask", quick)
        if asset is not None:
            data["mask"] = _asset(asset)
    except StudioError as error:
        session.say(Message.of(error))
    return data


def _keep(session: Session, item: Picture | Mask | None, name: str, quick: bool) -> Asset | None:
    if item is not None and item not in session.kept and not quick:
        session.kept[item] = session.library.keep(item, name)
    return session.kept.get(item) if item is not None else None


def restore_settings(session: Session, data: Mapping[str, Any]) -> None:
    settings = data.get("settings")
    if isinstance(settings, Mapping):
        session.settings.from_json(settings)
        session.restored = True


def restore_picture(session: Session, data: Mapping[str, Any]) -> None:
    try:
        _restore_picture(session, data)
    except (KeyError, TypeError, AttributeError):
        # Written by another version or by hand: the picture itself is safe in the library.
        session.say(Message("The last picture could not be brought back.", kind="warning"))
    except StudioError as error:
        session.say(Message.of(error, "warning"))


def _restore_picture(session: Session, data: Mapping[str, Any]) -> None:
    if "picture" not in data:
        return
    asset = Asset(data["picture"]["sha256"], data["picture"].get("name", ""))
    picture = session.library.asset_picture(asset)
    known = data.get("known")
    if known:
        try:
            record = Record.from_json(known["record"])
            session.desk.remember(picture, Known(Path(known["path"]), record))
        except BadInput:
            pass  # The picture is still the picture; only its recipe is not known any more.
    session.kept[picture] = asset
    session.desk.bring(picture, asset.name)
    session.desk.use_source = bool(data.get("use_source", True))
    if "mask" in data:
        session.document.set_mask(session.library.asset_mask(Asset(data["mask"]["sha256"])))


def _asset(asset: Asset) -> dict[str, str]:
    return {"sha256": asset.sha256, "name": asset.name}
