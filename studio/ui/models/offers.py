"""What the browser lists: a row a model worth knowing, with how it stands to this machine."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtWidgets import QWidget

from studio.models.hub.curated import Curated, matching
from studio.session.fitting import Fit, fit
from studio.session.session import Session

Index = QModelIndex | QPersistentModelIndex
OFFER = Qt.ItemDataRole.UserRole
BADGES: dict[Fit, str] = {
    "fits": "Fits this machine",
    "offload": "Needs offload",
    "large": "Too large",
    "unknown": "",
}


@dataclass(frozen=True)
class Offer:
    """`badge` is what is said at the end of its first line; `here`: it has been downloaded."""

    model: Curated
    fit: Fit = "unknown"
    why: str = ""
    badge: str = ""
    here: bool = False

    @property
    def facts(self) -> str:
        return " · ".join((self.model.licence, self.model.size_text))


def offer_of(model: Curated, session: Session) -> Offer:
    """How a model stands to this machine now."""
    answer, why = fit(model.weights, session.downloads.machine)
    id = model.repo.replace("/", "--")
    item = session.downloads.items.get(id)
    here = any(info.path is not None and info.path.name == id for info in session.models)
    badge = BADGES[answer]
    if here:
        badge = "Yours"
    elif item is not None and item.state != "done":
        badge = f"{100 * item.done // max(1, item.total)} %"
    return Offer(model, answer, why, badge, here)


class Offers(QAbstractListModel):
    """Those that fit the words."""

    def __init__(self, models: Sequence[Curated], parent: QWidget) -> None:
        super().__init__(parent)
        self._all = models
        self._words = ""
        self.shown: tuple[Offer, ...] = ()

    def show(self, session: Session, words: str | None = None) -> None:
        """Show them as they are now; with words, only those that have all of them."""
        self._words = self._words if words is None else words
        shown = tuple(offer_of(m, session) for m in matching(self._all, self._words))
        if [o.model for o in shown] == [o.model for o in self.shown]:
            changed = [at for at, offer in enumerate(shown) if offer != self.shown[at]]
            self.shown = shown
            for at in changed:
                self.dataChanged.emit(self.index(at), self.index(at))
            return
        self.beginResetModel()
        self.shown = shown
        self.endResetModel()

    def offer(self, index: Index) -> Offer | None:
        return self.shown[index.row()] if 0 <= index.row() < len(self.shown) else None

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self.shown)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        offer = self.offer(index)
        if offer is None:
            return None
        model = offer.model
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return model.title
            case Qt.ItemDataRole.ToolTipRole:
                return "\n".join(line for line in (model.repo, offer.why) if line)
            case Qt.ItemDataRole.AccessibleTextRole:
                gate = "licence to accept" if model.gated else ""
                parts = (model.title, offer.badge, model.good_for, offer.facts, gate)
                return ", ".join(part for part in parts if part)
            case Qt.ItemDataRole.UserRole:
                return offer
        return None
