"""The curves with their choosers: which quantity is on the left scale, and which on the right."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QEvent, QPointF, QSize, Qt, Signal
from PySide6.QtGui import QActionGroup, QColor, QIcon, QPainter, QPalette, QPixmap, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QMenu, QToolButton, QVBoxLayout, QWidget

from studio.core.events import Stepped
from studio.session.curves import QUANTITIES, aligned, curve, quantity
from studio.ui.controls import label, name
from studio.ui.curve_paint import ROLES, Across, Line
from studio.ui.curves import CurvePlot, tabular
from studio.ui.strip_view import FilmView

FIRST, SECOND = "sigma", "change"


class CurvePanel(QWidget):
    """Draws the run whose numbers it is given under the thumbnails of `film`."""

    picked = Signal(int)
    chosen = Signal()
    """Other quantities are shown."""

    def __init__(self, film: FilmView, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        name(self, "curve_panel", "Curves of the run")
        self.film = film
        self.plot = CurvePlot(self)
        self.readout = label("", "quiet")
        self.readout.setObjectName("curve_readout")
        self.readout.setFont(tabular(self.readout.font()))
        self.help = label("", "quiet")
        self.help.setObjectName("curve_help")
        self.help.setMinimumWidth(1)
        self.choosers = (
            _Chooser(0, "curve_left", "Curve on the left scale", FIRST),
            _Chooser(1, "curve_right", "Curve on the right scale", SECOND),
        )
        row = QHBoxLayout()
        row.setContentsMargins(6, 2, 10, 2)
        row.setSpacing(4)
        row.addWidget(self.choosers[0])
        row.addWidget(self.choosers[1])
        row.addSpacing(6)
        row.addWidget(self.help, 1)
        row.addWidget(self.readout)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(0)
        box.addLayout(row)
        box.addWidget(self.plot, 1)
        self._levels: Mapping[int, Stepped] = {}
        self._other: Mapping[int, Stepped] = {}
        self._images = (0, 0)
        self._help = ""
        for chooser in self.choosers:
            chooser.changed.connect(self._chosen)
        self.plot.picked.connect(self.picked)
        self.plot.pointed_changed.connect(self._read)
        film.moved.connect(self.align)

    def show_run(self, levels: Mapping[int, Stepped], image: int = 0) -> None:
        """The numbers of the run in the strip, for one picture of its batch."""
        self._levels, self._images = levels, (image, self._images[1])
        self._draw()

    def compare(self, levels: Mapping[int, Stepped], image: int = 0) -> None:
        """Another run's numbers, drawn thinner at the same noise levels; none with {}."""
        if levels is not self._other or image != self._images[1]:
            self._other, self._images = levels, (self._images[0], image)
            self._draw()

    def tell(self) -> None:
        """Another step is marked."""
        self.plot.tell()
        self._read()

    def align(self) -> None:
        """Put each step under its thumbnail, or all in sight if the strip scrolls."""
        film, layout = self.film, self.film.layout_now
        bar = film.horizontalScrollBar()
        if bar.maximum() > 0:
            left = bar.value() / layout.pitch - 0.5
            self.plot.show_window(left, left + film.viewport().width() / layout.pitch)
        else:
            start = film.viewport().x() + layout.centre(0)
            self.plot.place(Across(start, layout.pitch))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.align()
        self._show_help()

    @property
    def names(self) -> tuple[str, str]:
        """The quantities shown; "" for none."""
        return self.choosers[0].chosen, self.choosers[1].chosen

    def choose(self, first: str, second: str) -> None:
        """Show these; what is not known is left as it is."""
        self.choosers[0].choose(first)
        self.choosers[1].choose(second)

    def _chosen(self) -> None:
        self._draw()
        self.chosen.emit()

    def _draw(self) -> None:
        lines = []
        for chooser in self.choosers:
            what = quantity(chooser.chosen)
            if what is not None:
                line = curve(what, self._levels, self._images[0])
                other = curve(what, self._other, self._images[1])
                lines.append(Line(line, aligned(other, self._other, self._levels)))
        for chooser, line_ in zip(self.choosers, lines, strict=False):
            chooser.setToolTip(line_.curve.help)
        self._help = lines[0].curve.help if self._levels and lines else ""
        self.plot.show_lines(self.film.film, tuple(lines))
        self.align()
        self._read()

    def _read(self) -> None:
        self.readout.setText(self.plot.reading(self.plot.pointed))
        self._show_help()

    def _show_help(self) -> None:
        """What the first curve is, as far as there is room between choosers and numbers."""
        taken = [*self.choosers, self.readout]
        room = self.width() - sum(part.sizeHint().width() for part in taken) - 50
        cut = Qt.TextElideMode.ElideRight
        self.help.setText(self.help.fontMetrics().elidedText(self._help, cut, max(0, room)))
        self.help.setToolTip(self._help)


class _Chooser(QToolButton):
    """A quantity, with the colour of its line."""

    changed = Signal()

    def __init__(self, number: int, object_name: str, accessible: str, first: str) -> None:
        super().__init__()
        name(self, object_name, accessible)
        self.number, self.chosen = number, first
        self.setProperty("flat", True)
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.setIconSize(QSize(12, 12))
        menu = QMenu(self)
        group = QActionGroup(menu)
        for what in QUANTITIES:
            self._add(menu, group, what.name, f"{what.title}  {what.symbol}")
        if number:
            menu.addSeparator()
            self._add(menu, group, "", "None")
        self.setMenu(menu)
        self._show()

    def choose(self, wanted: str) -> None:
        known = [action.data() for action in self.menu().actions() if not action.isSeparator()]
        if wanted in known and wanted != self.chosen:
            self.chosen = wanted
            self._show()
            self.changed.emit()

    def _add(self, menu: QMenu, group: QActionGroup, key: str, text: str) -> None:
        action = menu.addAction(text)
        action.setData(key)
        action.setCheckable(True)
        group.addAction(action)
        action.triggered.connect(lambda: self.choose(key))

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._dot()

    def _show(self) -> None:
        what = quantity(self.chosen)
        self.setText(f"{what.title}  {what.symbol}" if what else "No second curve")
        self.setAccessibleDescription(what.title if what else "None")
        for action in self.menu().actions():
            action.setChecked(action.data() == self.chosen)
        self._dot()

    def _dot(self) -> None:
        color = self.palette().color(ROLES[self.number])
        if not self.chosen:
            color = self.palette().color(QPalette.ColorRole.Mid)
        self.setIcon(_dot(color, self.devicePixelRatioF()))


def _dot(color: QColor, ratio: float) -> QIcon:
    made = QPixmap(round(12 * ratio), round(12 * ratio))
    made.setDevicePixelRatio(ratio)
    made.fill(Qt.GlobalColor.transparent)
    painter = QPainter(made)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(color)
    painter.drawEllipse(QPointF(6, 6), 4, 4)
    painter.end()
    return QIcon(made)
