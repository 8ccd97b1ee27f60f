"""The picture under each forward process: by one jump above, by small steps below."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from studio.core.events import Forwarded, Noised
from studio.core.maths import Number, Symbol, Term, sqrt
from studio.core.typeset import Letter, Node, Sign, arrange, figures, row
from studio.ui.controls import label, name
from studio.ui.formula import Ink
from studio.ui.forward_plot import HUES
from studio.ui.pictureview import MathsLabel, PictureView

XT = Symbol("x", "x", "", 0.0, sub="t", hue="noisy")
X0 = Symbol("x0", "x", "", 0.0, sub="0", hue="clean")
BEFORE = Symbol("before", "x", "", 0.0, sub="t−1", hue="noisy")
EPS = Symbol("eps", "ε", "", 0.0, hue="noise")
FRESH = Symbol("fresh", "ε", "", 0.0, sub="t", hue="fresh")
BAR = Symbol("bar", "α", "", 0.0, "bar", "t")
BETA = Symbol("beta", "β", "", 0.0, sub="t")
JUMP = row(Letter(XT), Sign("="), arrange(sqrt(BAR) * X0 + sqrt(1 - BAR) * EPS))
CHAIN = row(Letter(XT), Sign("="), arrange(sqrt(1 - BETA) * BEFORE + sqrt(BETA) * FRESH))
TITLES = {
    "linear": ("Linear", "β from 0.0001 to 0.02 in a straight line (DDPM, Ho et al. 2020)"),
    "scaled_linear": (
        "Scaled linear",
        "√β from √0.00085 to √0.012 in a straight line (Stable Diffusion, Rombach et al. 2022)",
    ),
    "cosine": ("Cosine", "ᾱ follows a squared cosine (Nichol & Dhariwal 2021)"),
    "flow": (
        "Flow matching",
        "x in a straight line from the picture to the noise (Lipman et al. 2023)",
    ),
}
HEADINGS, NARROWEST = 204, 152
"""Widths of the headings' column and, at least, of the others."""
OWN_NOISE = "The same distribution as the jump, but other noise: look closely."
SAME_NOISE = "The jump now takes the noise that the steps piled up: the same picture, to the pixel."


class Dot(QWidget):
    """The colour of a process's curve."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self._number = number
        self.setFixedSize(10, 10)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(Ink.of(self.palette()).hues[HUES[self._number]])
        painter.drawEllipse(self.rect())
        painter.end()


class Column:
    """The widgets of one process, in column `number` of the grid."""

    def __init__(self, grid: QGridLayout, number: int, process: str) -> None:
        title, tip = TITLES[process]
        self.title = label(title, "heading")
        self.title.setToolTip(tip)
        self.jump = PictureView(f"forward_{process}_jump", f"{title}, one jump")
        self.chain = PictureView(f"forward_{process}_chain", f"{title}, small steps")
        self.mixed = MathsLabel(f"forward_{process}_mix", size=14)
        self.numbers = MathsLabel(f"forward_{process}_numbers", size=14)
        self.snr = QLabel()
        self.snr.setProperty("quiet", True)
        # All columns are of one width, whatever their numbers.
        for line in (self.mixed, self.numbers, self.snr):
            line.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        name(self.snr, f"forward_{process}_snr", f"{title}, signal to noise")
        head = QHBoxLayout()
        head.setSpacing(7)
        head.addWidget(Dot(number - 1))
        head.addWidget(self.title)
        head.addStretch(1)
        grid.addLayout(head, 0, number)
        for at, part in enumerate((self.jump, self.mixed, self.chain, self.numbers, self.snr), 1):
            grid.addWidget(part, at, number)
        grid.setColumnStretch(number, 1)
        grid.setColumnMinimumWidth(number, NARROWEST)

    def show_noised(self, one: Noised, reached: int, t: int) -> None:
        walking = f"step {reached} of {t}" if reached != t else ""
        self.jump.show_picture(one.jump)
        self.chain.show_picture(one.chain, walking)
        self.mixed.show_node(mixture(one.alpha, one.sigma))
        self.numbers.show_node(_numbers(one))
        bar = one.alpha**2
        ratio = bar / one.sigma**2 if one.sigma else float("inf")
        once = " · one noise" if one.name == "flow" else ""
        self.snr.setText(f"SNR {figures(ratio)}{once}")


class ForwardColumns(QWidget):
    """A heading at the left of each row says what it is."""

    def __init__(self) -> None:
        super().__init__()
        name(self, "forward_columns", "The picture under each forward process")
        self.grid = QGridLayout(self)
        self.grid.setContentsMargins(0, 0, 0, 0)
        self.grid.setHorizontalSpacing(14)
        self.grid.setVerticalSpacing(4)
        self.words = label("", "quiet")
        self.words.setWordWrap(True)
        name(self.words, "forward_words", "How jump and steps compare")
        jumps = label("A draw from q(xₜ | x₀), straight to t.", "quiet")
        jumps.setWordWrap(True)
        self.grid.addWidget(_heading("One jump", "forward_jump_formula", JUMP, jumps), 1, 0)
        self.grid.addWidget(
            _heading("Small steps", "forward_chain_formula", CHAIN, self.words), 3, 0
        )
        self.grid.setRowStretch(1, 1)
        self.grid.setRowStretch(3, 1)
        self.columns = {
            process: Column(self.grid, number, process) for number, process in enumerate(TITLES, 1)
        }

    def show_answer(self, answer: Forwarded) -> None:
        self.words.setText(SAME_NOISE if answer.wish.shared else OWN_NOISE)
        for one in answer.noised:
            self.columns[one.name].show_noised(one, answer.reached, answer.wish.t)


def mixture(alpha: float, sigma: float) -> Node:
    """x_t = 0.3456 x_0 + 0.9384 ε"""
    parts: Term = Number(alpha) * X0 + Number(sigma) * EPS
    return row(Letter(XT), Sign("="), arrange(parts))


def _numbers(one: Noised) -> Node:
    """ᾱ and β at this time; flow matching has a share of noise instead."""
    if one.name == "flow":
        share = Symbol("share", "σ", "", one.sigma, sub="t")
        return row(Letter(share), Sign("="), arrange(share, numbers=True))
    bar = Symbol("bar", "α", "", one.alpha**2, "bar", "t")
    beta = Symbol("beta", "β", "", one.beta, sub="t")
    return row(
        Letter(bar), Sign("="), arrange(bar, True), Sign(""), Sign(""), Sign(""), Sign(""),
        Letter(beta), Sign("="), arrange(beta, True),
    )  # fmt: skip


def _heading(title: str, object_name: str, node: Node, words: QLabel) -> QWidget:
    made = QWidget()
    made.setFixedWidth(HEADINGS)
    box = QVBoxLayout(made)
    box.setContentsMargins(0, 0, 6, 0)
    box.setSpacing(4)
    box.addStretch(1)
    head = label(title)
    font = head.font()
    font.setBold(True)
    head.setFont(font)
    box.addWidget(head)
    box.addWidget(MathsLabel(object_name, node, 16))
    box.addWidget(words)
    box.addStretch(1)
    return made
