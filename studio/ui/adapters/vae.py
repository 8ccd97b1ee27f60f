"""Which autoencoder draws the picture: the model's own, or another one."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QStandardItemModel
from PySide6.QtWidgets import QComboBox, QVBoxLayout, QWidget

from studio.core.model_file import Role
from studio.session.session import Session
from studio.ui.bind import bind, watch
from studio.ui.controls import name
from studio.ui.samplerbox import combo_row

OWN = "Model's own"


class VaeRow(QWidget):
    """Bound to `settings.vae`. Hidden while there is no other to choose."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self.combo = QComboBox()
        name(self.combo, "vae", "VAE", "What makes pictures of the model's latents.")
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.addLayout(combo_row("VAE", self.combo))
        self._fill()
        bind(
            session.settings,
            "vae",
            self.combo,
            self.combo.activated,
            lambda: str(self.combo.currentData() or ""),
            self._show,
        )
        watch(session.models_changed, self, self._fill)
        watch(session.settings.events.model, self, self._fill)
        watch(session.collection.changed, self, self._fill)

    def _fill(self, *_: object) -> None:
        offers = self.session.adapters.vaes()
        rows = [(OWN, "", "")] + [(one.name, one.name, one.reason) for one in offers]
        shown = [self.combo.itemText(place) for place in range(self.combo.count())]
        tips = [
            self.combo.itemData(place, Qt.ItemDataRole.ToolTipRole)
            for place in range(self.combo.count())
        ]
        if shown != [row[0] for row in rows] or tips != [row[2] for row in rows]:
            self.combo.clear()
            for text, wanted, reason in rows:
                self.combo.addItem(text, wanted)
                place = self.combo.count() - 1
                self.combo.setItemData(place, reason, Qt.ItemDataRole.ToolTipRole)
                model = self.combo.model()
                if reason and isinstance(model, QStandardItemModel):
                    model.item(place).setEnabled(False)
        self._show(self.session.settings.vae)

    def _show(self, wanted: str) -> None:
        place = self.combo.findData(wanted)
        if place < 0:
            known = self.session.adapters.known(wanted, Role.VAE)
            place = self.combo.findData(known.name) if known else -1
        if place < 0:
            # Not among the files: shown by its name all the same, and what it lacks said on a run.
            self.combo.addItem(wanted, wanted)
            place = self.combo.count() - 1
        self.combo.setCurrentIndex(place)
        self.setVisible(self.combo.count() > 1)
