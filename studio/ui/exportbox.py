"""Choosing how a run's steps are taken away, with a small look at what it will be."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QSize, Qt, QTimer
from PySide6.QtGui import QHideEvent, QPixmap, QShowEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QHBoxLayout,
    QLabel,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from studio.core.exports import FORMS, FPS, MAX_HOLD, WIDTHS
from studio.session.runs import RunView
from studio.session.session import Session
from studio.ui.bind import watch
from studio.ui.controls import NumberRow, label, name
from studio.ui.filebox import Ask, FileBox
from studio.ui.pixels import to_qimage

LOOK = 200
"""Side in pixels of the moving look at it."""


class ExportBox(FileBox):
    """Not modal: steps can be looked at, and runs go on, while it is open."""

    def __init__(
        self,
        session: Session,
        parent: QWidget | None = None,
        ask: Ask | None = None,
    ) -> None:
        super().__init__("export", "Export the steps", ("Export", "Close"), ask, parent)
        self.session, self.exports = session, session.exports
        self.folder = Path.home()
        self.form = QComboBox()
        for info in FORMS.values():
            self.form.addItem(info.title, info.name)
            self.form.setItemData(
                self.form.count() - 1, info.text.capitalize(), Qt.ItemDataRole.ToolTipRole
            )
        name(self.form, "export_form", "Form")
        self.about = label("", "quiet")
        self.view = QComboBox()
        name(self.view, "export_view", "View")
        self.fps = NumberRow("Steps a second", "export_fps", (1, 30), FPS, decimals=1)
        self.hold = NumberRow("Hold the last for (s)", "export_hold", (0, 5), (0, MAX_HOLD), 1)
        self.width_ = QSpinBox()
        self.width_.setRange(0, WIDTHS[1])
        self.width_.setSpecialValueText("As it is")
        self.width_.setSuffix(" px")
        self.width_.setSingleStep(64)
        name(self.width_, "export_width", "Width of a frame in pixels")
        self.caption = QCheckBox("Step and noise level under each picture")
        name(self.caption, "export_caption", "Caption")
        self.exact = QCheckBox("Full quality")
        name(
            self.exact,
            "export_exact",
            "Full quality",
            "Through the model's own decoder, which takes longer; otherwise quick previews",
        )
        self.moving = QLabel()
        self.moving.setFixedSize(LOOK, LOOK)
        self.moving.setAlignment(Qt.AlignmentFlag.AlignCenter)
        name(self.moving, "export_look", "What it will look like")
        self.words = label("", "quiet")
        self.words.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        name(self.words, "export_words", "Length")
        self._arrange()
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._turn)
        self._frame = 0
        self._held = 0.0
        self._connect()

    def _arrange(self) -> None:
        rows = self.rows
        rows.addRow("Form", self.form)
        rows.addRow("", self.about)
        rows.addRow("View", self.view)
        rows.addRow("Width", self.width_)
        rows.addRow("", self.caption)
        rows.addRow("", self.exact)
        rows.addRow(self.fps)
        rows.addRow(self.hold)
        look = QVBoxLayout()
        look.addWidget(self.moving)
        look.addWidget(self.words)
        look.addStretch(1)
        top = QHBoxLayout()
        top.setSpacing(20)
        top.addLayout(rows, 1)
        top.addLayout(look)
        self.arrange(top, 620)

    def _connect(self) -> None:
        choose = self.exports.choose
        self.form.activated.connect(lambda _: choose(form=self.form.currentData()))
        self.view.activated.connect(lambda _: choose(view=self.view.currentData()))
        self.fps.changed.connect(lambda value: choose(fps=value))
        self.hold.changed.connect(lambda value: choose(hold=value))
        self.width_.valueChanged.connect(lambda value: choose(width=value))
        self.caption.toggled.connect(lambda on: choose(caption=on))
        self.exact.toggled.connect(lambda on: choose(exact=on))
        self.go.clicked.connect(self.export)
        self.leave.clicked.connect(self.close)
        watch(self.exports.changed, self, self._show)
        watch(self.session.viewing.changed, self, self._show)
        self._show()

    @property
    def run(self) -> RunView | None:
        """The run in the strip, if it has steps."""
        run = self.session.viewing.run
        return run if run is not None and run.previews else None

    def export(self) -> None:
        """Ask where to, and begin."""
        run = self.run
        if run is None:
            return
        info = FORMS[self.exports.choices.form]
        path = self.ask(self.folder / f"steps{info.suffix}", info.name)
        if path is not None:
            self.folder = path.parent
            if self.exports.start(run, path) is not None:
                self.close()

    def kind_of(self, form: str) -> str:
        info = FORMS[form]
        return f"{info.title} (*{info.suffix})" if info.suffix else ""

    def _show(self) -> None:
        """Have every control say what is chosen."""
        chosen, run = self.exports.choices, self.run
        info = FORMS[chosen.form]
        widgets = (self.form, self.view, self.fps, self.hold, self.width_, self.caption, self.exact)
        for widget in widgets:
            widget.blockSignals(True)
        self.form.setCurrentIndex(self.form.findData(chosen.form))
        self.about.setText(f"{info.text[:1].upper()}{info.text[1:]}")
        self.view.clear()
        for view, short, text in self.exports.views(run):
            self.view.addItem(f"{short} – {text[:1].lower()}{text[1:]}", view)
        self.view.setCurrentIndex(max(0, self.view.findData(chosen.view)))
        self.fps.set_value(chosen.fps)
        self.hold.set_value(chosen.hold)
        self.width_.setValue(chosen.width)
        self.caption.setChecked(chosen.caption)
        self.exact.setChecked(chosen.exact)
        for widget in widgets:
            widget.blockSignals(False)
        for widget in (self.view, self.width_, self.caption, self.exact):
            widget.setEnabled(info.pictured)
        for row in (self.fps, self.hold):
            row.setEnabled(info.moving)
        self.caption.setEnabled(info.pictured and chosen.form not in ("sheet", "pdf"))
        self.go.setEnabled(run is not None)
        self.words.setText(self._length(run))
        if self.isVisible():
            self._play()

    def _length(self, run: RunView | None) -> str:
        if run is None:
            return "No run with steps to export"
        steps = self.exports.frames(run)
        count = "1 step" if steps == 1 else f"{steps} steps"
        if not FORMS[self.exports.choices.form].moving:
            return count
        return f"{count} · {self.exports.seconds(run):.1f} s"

    # The moving look

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._play()

    def hideEvent(self, event: QHideEvent) -> None:
        self._timer.stop()
        super().hideEvent(event)

    def _play(self) -> None:
        moving = FORMS[self.exports.choices.form].moving
        if self.run is None or not moving:
            self._timer.stop()
            self._frame = len(self.run.previews) - 1 if self.run else 0
            self._paint()
            return
        self._timer.start(max(15, round(1000 / self.exports.choices.fps)))

    def _turn(self) -> None:
        """One frame on; the last one stays as long as it will."""
        run = self.run
        if run is None:
            return
        last = len(run.previews) - 1
        self._held += 1 / self.exports.choices.fps
        if self._frame >= last and self._held <= self.exports.choices.hold:
            return
        self._frame = 0 if self._frame >= last else self._frame + 1
        self._held = 0.0
        self._paint()

    def _paint(self) -> None:
        run = self.run
        indices = sorted(run.previews) if run else []
        if run is None or not indices:
            self.moving.clear()
            return
        picture = run.preview(indices[min(self._frame, len(indices) - 1)], run.image)
        if picture is not None:
            side = QSize(LOOK, LOOK) * self.devicePixelRatioF()
            keep, smooth = Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode
            pixmap = QPixmap.fromImage(to_qimage(picture))
            shown = pixmap.scaled(side, keep, smooth.SmoothTransformation)
            shown.setDevicePixelRatio(self.devicePixelRatioF())
            self.moving.setPixmap(shown)
