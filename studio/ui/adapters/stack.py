"""The stack of LoRAs in the panel: what is on it, in which order, and how to add to it."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QSize, Qt
from PySide6.QtWidgets import QHBoxLayout, QToolButton, QVBoxLayout, QWidget

from studio.core.model_file import Role
from studio.session.adapters import Slot, moved, switched, weighed, without
from studio.session.session import Session
from studio.ui.adapters.picker import EMPTY, Picker
from studio.ui.adapters.slot import SlotRow
from studio.ui.bind import watch
from studio.ui.controls import label, name
from studio.ui.icons import dress

INVITATION = "Small files that teach the model a style, a character or a place."


class AdapterBox(QWidget):
    """Bound to `settings.adapters`. Hidden for a model that takes none, while there are none."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        name(self, "loras", "LoRAs")
        self.heading = label("LoRAs")
        self.invitation = label(INVITATION, "quiet")
        self.invitation.setWordWrap(True)
        self.add = QToolButton()
        self.add.setProperty("flat", True)
        self.add.setText("Add")
        self.add.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.add.setIconSize(QSize(14, 14))
        dress(self.add, "plus")
        name(self.add, "add_lora", "Add a LoRA", "Add a LoRA to the model")
        self.heading.setBuddy(self.add)
        self.picker = Picker(self)
        self.rows: list[SlotRow] = []
        top = QHBoxLayout()
        top.addWidget(self.heading, 1)
        top.addWidget(self.add)
        self._box = QVBoxLayout(self)
        self._box.setContentsMargins(0, 0, 0, 0)
        self._box.setSpacing(6)
        self._box.addLayout(top)
        self._box.addWidget(self.invitation)
        self.add.clicked.connect(self._open)
        self.picker.chosen.connect(self._chosen)
        watch(session.settings.events.adapters, self, self.refresh)
        watch(session.models_changed, self, self.refresh)
        watch(session.settings.events.model, self, self.refresh)
        watch(session.collection.changed, self, self.refresh)
        self.refresh()

    def refresh(self, *_: object) -> None:
        """Show the stack as it is now, with what is known of its files."""
        slots = self.session.settings.adapters
        while len(self.rows) < len(slots):
            self._new_row()
        while len(self.rows) > len(slots):
            row = self.rows.pop()
            self._box.removeWidget(row)
            row.hide()
            row.deleteLater()
        for row, slot in zip(self.rows, slots, strict=True):
            self._show(row, slot)
        model = self.session.model
        takes = model is None or bool(model.abilities.adapters)
        self.setVisible(takes or bool(slots))
        self.add.setEnabled(takes)
        self.invitation.setVisible(takes and not slots)
        if self.picker.isVisible():
            self._offer()

    def _new_row(self) -> None:
        place = len(self.rows)
        row = SlotRow(place)
        row.weighed.connect(lambda weight: self._weigh(place, weight))
        row.switched.connect(lambda on: self._switch(place, on))
        row.removed.connect(lambda: self._remove(place))
        row.stepped.connect(lambda step: self._move(place, place + step))
        row.dragged.connect(lambda at: self._drag(place, at))
        row.said.connect(self.session.adapters.say)
        row.grip.pressed.connect(lambda: self._gripped(place))
        self.rows.append(row)
        self._box.addWidget(row)

    def _show(self, row: SlotRow, slot: Slot) -> None:
        adapters = self.session.adapters
        offer = adapters.known(slot.adapter.name)
        problem, tip = "", slot.adapter.name
        words: tuple[str, ...] = ()
        if offer is not None:
            words, tip = offer.file.words, str(offer.file.path)
            problem = offer.file.problem or (offer.reason and f"{offer.reason} Left out.")
        elif adapters.missing(slot.adapter.name, Role.LORA):
            problem = "Its file is not there. Put it back, or remove it here."
        row.show_slot(slot, problem if slot.on else "", words, tip)

    def _weigh(self, place: int, weight: float) -> None:
        settings = self.session.settings
        settings.adapters = weighed(settings.adapters, place, weight)

    def _switch(self, place: int, on: bool) -> None:
        settings = self.session.settings
        settings.adapters = switched(settings.adapters, place, on)

    def _remove(self, place: int) -> None:
        settings = self.session.settings
        settings.adapters = without(settings.adapters, place)
        left = len(settings.adapters)
        # Where the focus was there is the next one, or the way to add another.
        (self.rows[min(place, left - 1)].weight if left else self.add).setFocus()

    def _move(self, place: int, to: int) -> None:
        settings = self.session.settings
        if 0 <= to < len(settings.adapters):
            settings.adapters = moved(settings.adapters, place, to)
            self.rows[to].weight.setFocus()

    _held = 0
    """Where the row that is dragged is now: the grip that the mouse holds stays where it was."""

    def _gripped(self, place: int) -> None:
        self._held = place

    def _drag(self, place: int, at: QPointF) -> None:
        y = self.mapFromGlobal(at).y()
        middles = [row.geometry().center().y() for row in self.rows]
        to = min(range(len(middles)), key=lambda number: abs(middles[number] - y))
        if to != self._held:
            settings = self.session.settings
            settings.adapters = moved(settings.adapters, self._held, to)
            self._held = to

    def _open(self) -> None:
        self._offer()
        self.picker.open_at(self.add)

    def _offer(self) -> None:
        worn = [slot.adapter.name for slot in self.session.settings.adapters]
        adapters = self.session.adapters
        self.picker.offer(adapters.loras(), worn, EMPTY.format(folder=adapters.folder(Role.LORA)))

    def _chosen(self, wanted: str) -> None:
        adapters = self.session.adapters
        offer = next((one for one in adapters.loras() if one.name == wanted), None)
        if offer is not None:
            adapters.add(offer)
            if not self.picker.isVisible():
                self.rows[-1].weight.setFocus()
