"""What is looked at in the browser: what it would bring, what it needs, and the button for it."""

from __future__ import annotations

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import (
    QComboBox,
    QFormLayout,
    QFrame,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QProgressBar,
    QPushButton,
    QSizePolicy,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from studio.core.amounts import amount
from studio.core.downloads import Listing, Precision
from studio.models.hub.curated import Curated
from studio.session.fitting import fit
from studio.session.session import Session
from studio.ui.bind import watch
from studio.ui.controls import label, name

NOTHING = "Choose a model, or write the name of any other above."
HUB = "https://huggingface.co/"
PRECISIONS: tuple[tuple[Precision, str], ...] = (
    ("half", "16 bits where published"),
    ("full", "32 bits where published"),
)


class Prospect(QFrame):
    """Shows a curated model, or what the hub has answered about any."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.session, self.downloads = session, session.downloads
        self.model: Curated | None = None
        name(self, "prospect", "Details")
        self.title = _words()
        font = self.title.font()
        font.setPointSizeF(font.pointSizeF() * 1.25)
        font.setBold(True)
        self.title.setFont(font)
        self.about = _words("quiet")
        self.problem = _words("warning")
        self.hint = _words("quiet")
        for widget, object_name, text in (
            (self.title, "prospect_title", "Model"),
            (self.about, "prospect_about", "What it is good for"),
            (self.problem, "prospect_problem", "Problem"),
            (self.hint, "prospect_hint", "What to do"),
        ):
            name(widget, object_name, text)
        self.facts = QFormLayout()
        self.facts.setHorizontalSpacing(14)
        self.facts.setVerticalSpacing(6)
        self.busy = QProgressBar()
        self.busy.setRange(0, 0)
        self.busy.setTextVisible(False)
        self.busy.setFixedHeight(6)
        name(self.busy, "prospect_busy", "Asking the hub")
        self.precision = QComboBox()
        for word, text in PRECISIONS:
            self.precision.addItem(text, word)
        tip = "Weights of 16 bits are half as large; most pictures look the same"
        name(self.precision, "prospect_precision", "Precision", tip)
        self.files = QTreeWidget()
        self.files.setColumnCount(2)
        self.files.setHeaderHidden(True)
        self.files.setRootIsDecorated(False)
        self.files.setFrameShape(QFrame.Shape.NoFrame)
        self.files.setUniformRowHeights(True)
        self.files.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        header = self.files.header()
        header.setStretchLastSection(False)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)
        name(self.files, "prospect_files", "Files")
        self.go = QPushButton()
        self.go.setProperty("primary", True)
        self.page = QPushButton("Its page")
        self.page.setProperty("secondary", True)
        name(self.go, "prospect_go", "Download")
        name(self.page, "prospect_page", "Its page", "Open its page on the hub")
        self.choice = QWidget()
        row = QHBoxLayout(self.choice)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(14)
        row.addWidget(label("Precision", "quiet"))
        row.addWidget(self.precision, 1)
        buttons = QHBoxLayout()
        buttons.addWidget(self.go)
        buttons.addWidget(self.page)
        buttons.addStretch(1)
        box = QVBoxLayout(self)
        box.setContentsMargins(14, 12, 14, 12)
        box.setSpacing(10)
        for part in (self.title, self.about, self.busy, self.problem, self.hint):
            box.addWidget(part)
        box.addLayout(self.facts)
        box.addWidget(self.choice)
        box.addWidget(self.files, 1)
        box.addStretch(0)
        box.addLayout(buttons)
        self.setMinimumWidth(320)
        self.go.clicked.connect(self.act)
        self.page.clicked.connect(lambda: QDesktopServices.openUrl(QUrl(self._page())))
        self.precision.activated.connect(lambda _: self._look_again())
        for signal in (self.downloads.looked, self.downloads.measured):
            watch(signal, self, self._show)
        # Many times a second: only what follows from how far a download is.
        watch(self.downloads.changed, self, self._show_buttons)
        watch(session.models_changed, self, self._show)
        self._show()

    def show_model(self, model: Curated | None) -> None:
        """Show what is known of it without asking anybody."""
        if model is not None and model == self.model and self.downloads.asked in ("", model.repo):
            return
        self.model = model
        self.downloads.forget()

    def look(self, asked: str) -> None:
        """Ask the hub about it."""
        if self.model is not None and self.model.repo != asked:
            self.model = None
        self.downloads.look(asked)

    def act(self) -> None:
        """What the button says."""
        if self.downloads.listed is not None:
            self.downloads.begin()
        elif self.model is not None:
            self.look(self.model.repo)
        elif self.downloads.asked:
            self.look(self.downloads.asked)

    # What is shown

    def _show(self, *_: object) -> None:
        model, listed, repo = self.model, self.downloads.listed, self._repo
        known = model is not None and model.repo == repo
        self.title.setText(model.title if model and known else repo)
        self.about.setText(model.good_for if model and known else "" if repo else NOTHING)
        problem, hint = self._problem()
        self.problem.setText(problem)
        self.hint.setText(hint)
        for words in (self.title, self.about, self.problem, self.hint):
            words.setVisible(bool(words.text()))
        self.busy.setVisible(self._asking)
        self._show_facts()
        self._show_files(listed.listing if listed else None)
        self._show_buttons()

    def _problem(self) -> tuple[str, str]:
        downloads = self.downloads
        if downloads.refused is not None:
            return downloads.refused.message, downloads.refused.hint
        if downloads.listed is not None:
            listing = downloads.listed.listing
            missing = listing.total - downloads.listed.arrived
            if listing.problem:
                return listing.problem, "Choose another model."
            if missing > downloads.listed.free:
                text = f"{amount(missing)} are to come, and {amount(downloads.listed.free)} free."
                return text, "Make room on the disk first."
            machine = downloads.machine
            if listing.gated and machine is not None and not machine.token:
                return (
                    "You are not logged in at the hub, and its licence is to be accepted.",
                    f"Accept it at {listing.page}, and run `hf auth login` or set HF_TOKEN.",
                )
        elif downloads.why_offline and not downloads.asked:
            text = f"The network is not used: {downloads.why_offline} says so."
            return text, "Change that to download models."
        return "", ""

    def _show_facts(self) -> None:
        while self.facts.rowCount():
            self.facts.removeRow(0)
        for key, value in self._facts():
            words = _words()
            words.setText(value)
            words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            name(words, f"prospect_{key.lower()}", key)
            self.facts.addRow(label(key, "quiet"), words)
        listed = self.downloads.listed
        self.choice.setVisible(listed is not None and not listed.listing.problem)
        if listed is not None:
            self.precision.setCurrentIndex(self.precision.findData(listed.listing.precision))

    def _facts(self) -> list[tuple[str, str]]:
        listed, model, machine = self.downloads.listed, self.model, self.downloads.machine
        found: list[tuple[str, str]] = []
        if listed is not None:
            listing = listed.listing
            here = f", {amount(listed.arrived)} of it here" if listed.arrived else ""
            size = f"{amount(listing.total)} in {len(listing.files)} files{here}"
            gate = "to be accepted on its page first" if listing.gated else ""
            licence = ", ".join(t for t in (_licence(model, listing), gate) if t)
            weights = listing.weights
            found = [("Name", listing.repo), ("Licence", licence), ("Download", size)]
            found.insert(1, ("Kind", listing.about))
            found += [("Memory", fit(weights, machine)[1])]
            found += [("Disk", f"{amount(listed.free)} free")]
        elif model is not None and self.downloads.asked in ("", model.repo):
            gate = ", to be accepted on its page first" if model.gated else ""
            found = [("Name", model.repo), ("Licence", model.licence + gate)]
            found += [("Download", f"{model.size_text} in 16 bits")]
            found += [("Memory", fit(model.weights, machine)[1])]
            found += [("Disk", f"{amount(machine.disk)} free" if machine else "")]
        return [(key, value) for key, value in found if value]

    def _show_files(self, listing: Listing | None) -> None:
        self.files.setVisible(listing is not None)
        shown = [self.files.topLevelItem(i) for i in range(self.files.topLevelItemCount())]
        files = listing.files if listing else ()
        wanted = [(file.name, amount(file.size)) for file in sorted(files, key=lambda f: -f.size)]
        if [(item.text(0), item.text(1)) for item in shown if item] == wanted:
            return
        self.files.clear()
        for row in wanted:
            item = QTreeWidgetItem(self.files, list(row))
            item.setTextAlignment(1, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)

    @property
    def _repo(self) -> str:
        """What is shown; "" if nothing is."""
        listed = self.downloads.listed
        if listed is not None:
            return listed.listing.repo
        return self.downloads.asked or (self.model.repo if self.model else "")

    @property
    def _asking(self) -> bool:
        downloads = self.downloads
        return bool(downloads.asked) and downloads.listed is None and downloads.refused is None

    def _show_buttons(self) -> None:
        listed, repo, asking = self.downloads.listed, self._repo, self._asking
        id = listed.listing.id if listed else repo.replace("/", "--")
        item = self.downloads.items.get(id)
        text, able = "Look it up", bool(repo) and not asking
        if any(info.path is not None and info.path.name == id for info in self.session.models):
            text, able = "Downloaded", False
        elif item is not None and item.state in ("going", "waiting"):
            text, able = "Downloading…", False
        elif listed is not None:
            missing = listed.listing.total - listed.arrived
            text = f"{'Go on with' if listed.arrived else 'Download'} {amount(missing)}"
            able = not listed.listing.problem and missing <= listed.free
        elif asking:
            text = "Asking the hub…"
        elif self.downloads.refused is not None:
            text = "Try again"
        if self.downloads.why_offline:
            able = False
        self.go.setText(text)
        self.go.setAccessibleName(text)
        self.go.setEnabled(able)
        self.go.setVisible(bool(repo))
        self.page.setVisible(bool(repo) and "/" in repo)

    def _look_again(self) -> None:
        self.downloads.look(self.downloads.asked, self.precision.currentData())

    def _page(self) -> str:
        refused, listed = self.downloads.refused, self.downloads.listed
        if refused is not None and refused.page:
            return refused.page
        if listed is not None:
            return listed.listing.page
        return HUB + (self.model.repo if self.model else self.downloads.asked)


def _licence(model: Curated | None, listing: Listing) -> str:
    """In the words of the list, which are those of a person; else the hub's."""
    if model is not None and model.repo == listing.repo:
        return model.licence
    return listing.licence or "none given"


def _words(kind: str = "") -> QLabel:
    made = label("", kind)
    made.setWordWrap(True)
    made.setTextFormat(Qt.TextFormat.PlainText)
    made.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
    return made
