"""The models of the hub: a short list, any other by its name, and those on their way."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHBoxLayout,
    QListView,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from studio.models.hub.curated import curated
from studio.session.session import Session
from studio.ui.bind import watch
from studio.ui.controls import label, name
from studio.ui.models.offer_paint import OfferPainter
from studio.ui.models.offers import Offer, Offers
from studio.ui.models.prospect import Prospect
from studio.ui.models.search import SearchField
from studio.ui.models.transfers import Transfers

PLACEHOLDER = "Search here, or write owner/name of any model on huggingface.co"
NONE = "None of these has those words. Write owner/name to look up any other model."


class Browse(QWidget):
    """Asks the hub nothing before a person says so."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.session, self.downloads = session, session.downloads
        name(self, "models_browse", "Browse")
        self.field = SearchField("browse_field", "Search, or the name of a model", PLACEHOLDER)
        self.field.setPlaceholderText(PLACEHOLDER)
        self.look_button = QPushButton("Look up")
        name(self.look_button, "browse_look_up", "Look up", "Ask the hub about this model (Enter)")
        self.offers = Offers(curated(), self)
        self.view = QListView()
        self.view.setModel(self.offers)
        self.view.setItemDelegate(OfferPainter(self.view))
        self.view.setProperty("thumbs", True)
        self.view.setFrameShape(QFrame.Shape.NoFrame)
        self.view.setMouseTracking(True)
        self.view.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.view.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        name(self.view, "browse_list", "Models worth knowing")
        self.empty = label(NONE, "quiet")
        self.empty.setWordWrap(True)
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        name(self.empty, "browse_empty", "Nothing found")
        self.prospect = Prospect(session)
        self.transfers = Transfers(self.downloads, self)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self.field, 1)
        row.addWidget(self.look_button)
        left = QVBoxLayout()
        left.setContentsMargins(12, 12, 6, 12)
        left.setSpacing(10)
        left.addLayout(row)
        left.addWidget(self.view, 1)
        left.addWidget(self.empty, 1)
        both = QHBoxLayout()
        both.setSpacing(0)
        both.addLayout(left, 3)
        both.addWidget(self.prospect, 2)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(0)
        box.addLayout(both, 1)
        box.addWidget(self.transfers)
        self.field.textChanged.connect(self._search)
        self.field.returnPressed.connect(self.look_up)
        self.look_button.clicked.connect(self.look_up)
        self.view.selectionModel().currentChanged.connect(lambda now, _: self._choose(now))
        self.view.activated.connect(lambda _: self.prospect.act())
        for signal in (self.downloads.changed, self.downloads.measured, session.models_changed):
            watch(signal, self, self._show)
        watch(self.downloads.measured, self, self._enable)
        self._search("")

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.downloads.measure()

    @property
    def chosen(self) -> Offer | None:
        return self.offers.offer(self.view.currentIndex())

    def look_up(self) -> None:
        """Ask the hub about what is written, or about the chosen model."""
        asked = self.field.text().strip()
        if "/" in asked:
            self.view.setCurrentIndex(QModelIndex())
            self.prospect.look(asked)
        elif self.chosen is not None:
            self.prospect.look(self.chosen.model.repo)

    def _search(self, text: str) -> None:
        # A name with a slash is not looked for in the list: the list stays to go back to.
        self._show(words="" if "/" in text else text)
        found = bool(self.offers.shown)
        self.view.setVisible(found)
        self.empty.setVisible(not found)
        if found and not self.view.currentIndex().isValid() and "/" not in text:
            self.view.setCurrentIndex(self.offers.index(0))
        self._enable()

    def _enable(self) -> None:
        known = "/" in self.field.text() or self.chosen is not None
        self.look_button.setEnabled(known and not self.downloads.why_offline)

    def _choose(self, index: QModelIndex) -> None:
        offer = self.offers.offer(index)
        if offer is not None:
            self.prospect.show_model(offer.model)
        self._enable()

    def _show(self, *_: object, words: str | None = None) -> None:
        self.offers.show(self.session, words)
