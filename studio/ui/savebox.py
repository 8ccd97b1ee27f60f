"""Saving with a say in it: format, quality, depth, colours, and what is told about the picture."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from PySide6.QtCore import QTimer
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QCheckBox, QComboBox, QWidget

from studio.core.original import Original
from studio.core.saving import Saving
from studio.session import files
from studio.session.session import Session
from studio.ui.controls import NumberRow, label, name
from studio.ui.filebox import Ask, FileBox

FORMS = (
    ("PNG", "PNG – exact"),
    ("JPEG", "JPEG – small, for photos"),
    ("WEBP", "WebP – smaller, for the web"),
    ("TIFF", "TIFF – exact, any depth"),
    ("AVIF", "AVIF – smallest"),
)
SAMPLINGS = (
    ("4:4:4", "Full (4:4:4)"),
    ("4:2:2", "Half across (4:2:2)"),
    ("4:2:0", "A quarter (4:2:0)"),
)
COMPRESSIONS = (("deflate", "Deflate, exact"), ("none", "None, for old programs"))
METADATA = (
    ("all", "Photo's and recipe"),
    ("no recipe", "Photo's, no recipe"),
    ("none", "None"),
)
SOON = 300
"""Milliseconds after the last change until the size is estimated anew."""


class SaveBox(FileBox):
    """What is chosen holds for every save from then on."""

    def __init__(
        self, session: Session, folder: str, parent: QWidget | None = None, ask: Ask | None = None
    ) -> None:
        super().__init__("save_box", "Save with options", ("Save", "Cancel"), ask, parent)
        self.session, self.folder = session, folder
        self.original = files.original_shown(session)
        depth, colours = _as_original(self.original)
        self.quality = NumberRow("Quality", "save_quality", (1, 100), tip="100 is best")
        self.lossless = QCheckBox("Exact, every pixel as it is")
        name(self.lossless, "save_lossless", "Exact")
        depths = (("original", depth), ("8", "8 bits"), ("16", "16 bits"))
        profiles = (("original", colours), ("srgb", "sRGB, for screens and the web"))
        self.combos = {
            "form": _combo("save_form", "Format", FORMS),
            "sampling": _combo("save_sampling", "Detail of colour", SAMPLINGS),
            "compression": _combo("save_compression", "Compression", COMPRESSIONS),
            "depth": _combo("save_depth", "Depth", depths),
            "profile": _combo("save_profile", "Colours", profiles),
            "metadata": _combo("save_metadata", "Metadata", METADATA),
        }
        self.about = label("", "quiet")
        self.about.setWordWrap(True)
        name(self.about, "save_about", "What stays")
        self.size_ = label("", "quiet")
        name(self.size_, "save_size", "Size of the file")
        self._arrange()
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(SOON)
        self._timer.timeout.connect(self._estimate)
        self._connect()

    def _arrange(self) -> None:
        self.rows.addRow("Format", self.combos["form"])
        self.rows.addRow("", self.lossless)
        self.rows.addRow(self.quality)
        self.rows.addRow("Detail of colour", self.combos["sampling"])
        self.rows.addRow("Compression", self.combos["compression"])
        self.rows.addRow("Depth", self.combos["depth"])
        self.rows.addRow("Colours", self.combos["profile"])
        self.rows.addRow("Metadata", self.combos["metadata"])
        self.arrange(self.rows, 440, self.about, foot=self.size_)

    def _connect(self) -> None:
        for field, combo in self.combos.items():
            combo.activated.connect(
                lambda _, field=field, combo=combo: self._choose(**{field: combo.currentData()})
            )
        self.quality.changed.connect(lambda value: self._choose(quality=round(value)))
        self.lossless.toggled.connect(lambda on: self._choose(lossless=on))
        self.go.clicked.connect(self.save)
        self.leave.clicked.connect(self.reject)
        self._show()

    def save(self) -> None:
        """Ask where to, and begin."""
        suggested = Path(self.folder) / files.suggested(self.session)
        suffix = files.SUFFIXES[self.session.saving.form]
        path = self.ask(suggested.with_suffix(suffix), suffix)
        if path is not None:
            self.folder = str(path.parent)
            self.session.save_as(path if path.suffix else path.with_suffix(suffix))
            self.accept()

    def kind_of(self, form: str) -> str:
        return f"{_title(self.session.saving.form)} (*{form})"

    def _choose(self, **changes: Any) -> None:
        self.session.saving = replace(self.session.saving, **changes)
        self._show()
        if self.isVisible():
            self._timer.start()

    def _show(self) -> None:
        """Have every control say what is chosen, and hide what the format has not."""
        saving = self.session.saving
        for field, combo in self.combos.items():
            combo.setCurrentIndex(combo.findData(getattr(saving, field)))
        self.quality.set_value(saving.quality)
        self.lossless.setChecked(saving.lossless)
        form = saving.form
        lossy = form in ("JPEG", "AVIF") or (form == "WEBP" and not saving.lossless)
        for row, shown in (
            (self.lossless, form == "WEBP"),
            (self.quality, lossy),
            (self.combos["sampling"], form in ("JPEG", "AVIF")),
            (self.combos["compression"], form == "TIFF"),
            (self.combos["depth"], form in ("PNG", "TIFF")),
            (self.combos["profile"], self.original is not None and _own_colours(self.original)),
        ):
            self.rows.setRowVisible(row, shown)
        self.about.setText(self._about(saving, lossy))
        self.about.setVisible(bool(self.about.text()))

    def _about(self, saving: Saving, lossy: bool) -> str:
        says = []
        original = self.original
        if original is not None and lossy:
            if original.quality:
                sampling = f", {original.sampling}" if original.sampling else ""
                says.append(f"{original.path.name} was of quality {original.quality}{sampling}.")
            says.append(f"{_title(saving.form)} changes every pixel a little.")
        elif original is not None:
            own = saving.profile == "original" or not _own_colours(original)
            deep = saving.depth == "original" or saving.depth == str(original.depth)
            if own and deep:
                says.append(
                    f"What you left alone is saved exactly as it is in {original.path.name}."
                )
        if saving.form == "JPEG" and self._transparent():
            says.append("JPEG has no transparency: what is clear becomes white.")
        if saving.metadata == "none":
            says.append("Nothing about the picture is told but how its colours are meant.")
        return " ".join(says)

    def _transparent(self) -> bool:
        shown = self.session.viewing.shown
        picture = shown.picture if shown else self.session.document.picture
        return picture is not None and picture.has_alpha

    # The size

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._timer.start()

    def hideEvent(self, event: QHideEvent) -> None:
        self._timer.stop()
        self.session.clerk.give_up("estimate")
        super().hideEvent(event)

    def _estimate(self) -> None:
        self.size_.setText("…")
        files.estimate(self.session, self.session.saving, self._estimated)

    def _estimated(self, length: int | None) -> None:
        self.size_.setText(f"About {files.amount(length)}" if length else "")


def _combo(object_name: str, accessible: str, items: tuple[tuple[str, str], ...]) -> QComboBox:
    made = QComboBox()
    for data, text in items:
        made.addItem(text, data)
    name(made, object_name, accessible)
    return made


def _as_original(original: Original | None) -> tuple[str, str]:
    """What "as the original" means for depth and colours."""
    if original is None:
        return "8 bits, as it was made", "As they are"
    bits = "floating point" if original.depth == 32 else f"{original.depth} bits"
    return f"As the photo: {bits}", f"As the photo: {original.profile or original.mode}"


def _own_colours(original: Original) -> bool:
    return bool(original.profile) or original.mode in ("CMYK", "LAB")


def _title(form: str) -> str:
    return dict(FORMS)[form].partition(" – ")[0]
