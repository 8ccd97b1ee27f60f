"""The composition root: builds engine, session and window, connects them, runs, closes."""

from __future__ import annotations

import argparse
import os
import signal
import sys
import traceback
from types import TracebackType

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from studio.core.errors import StudioError
from studio.engine.downloads import Downloads
from studio.engine.engine import Engine
from studio.engine.manners import give_way
from studio.library.folders import Folders
from studio.library.library import Library
from studio.models.catalogue import Catalogue
from studio.session.message import Message
from studio.session.session import Session
from studio.ui.bridge import Bridge, Errands
from studio.ui.icons import app_icon
from studio.ui.window import Window

CLOSING = 30.0
"""Seconds the engine has, at the end, to come out of what it is doing."""


class App:
    """Everything that lives as long as the window. Needs a QApplication."""

    def __init__(self, folders: Folders, device: str = "") -> None:
        QApplication.setWindowIcon(app_icon())  # every window's and dialog's
        self.bridge = Bridge()
        self.library = Library(folders)
        catalogue = Catalogue(folders)
        self.engine = Engine(self.library, catalogue, self.bridge.post, device, polite=True)
        self.downloads = Downloads(catalogue, self.bridge.post)
        self.session = Session(self.engine, self.library)
        self.session.downloads.connect(self.downloads)
        self.bridge.connect_to(self.session.receive)
        self.errands = Errands()
        self.session.clerk.start(self.errands.post)
        self.session.collection.start(catalogue, self.errands.post, give_way)
        self.window = Window(self.session, folders)

    def show(self) -> None:
        """Show the window, and once it is painted begin to load torch behind it."""
        self.window.show()
        # Two turns of the event loop: the first one paints.
        QTimer.singleShot(0, self.window, lambda: QTimer.singleShot(0, self._start))

    def _start(self) -> None:
        self.engine.start()
        self.downloads.start()

    def close(self) -> bool:
        """End the engine's thread and close the library; False if the thread would not end."""
        self.bridge.close()
        ended = self.session.clerk.close(CLOSING)
        ended = self.session.collection.close(CLOSING) and ended
        ended = self.downloads.close(CLOSING) and ended
        ended = self.engine.close(CLOSING) and ended
        self.library.close()
        return ended

    def report(
        self, kind: type[BaseException], error: BaseException, trace: TracebackType | None
    ) -> None:
        """The window's hook for what nobody caught: told in the message bar, and nothing lost."""
        details = "".join(traceback.format_exception(kind, error, trace))
        print(details, file=sys.stderr)
        known = _known(error)
        if known is not None:
            self.session.say(Message.of(known))
        elif issubclass(kind, Exception):
            self.session.say(
                Message(
                    "Something went wrong in the window.",
                    "Your work is kept; the details can be copied for a report.",
                    kind="error",
                    details=details,
                )
            )


def _known(error: BaseException | None) -> StudioError | None:
    """The error that a person can act on; signals wrap what their callbacks raise."""
    while error is not None and not isinstance(error, StudioError):
        error = error.__cause__
    return error


def main(argv: list[str]) -> int:
    """Open the window and stay until it is closed. Returns the exit code."""
    parser = argparse.ArgumentParser(prog="studio")
    parser.add_argument("--device", default="", help="cuda, mps, xpu or cpu")
    args = parser.parse_args(argv)
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")
    application = QApplication([sys.argv[0]])
    application.setApplicationName("Diffusion Studio")
    application.setDesktopFileName("diffusion-studio")
    try:
        app = App(Folders.default(), args.device)
    except StudioError as error:
        print(f"studio: {error}", file=sys.stderr)
        return 1
    sys.excepthook = app.report
    _obey_interrupts(app.window)
    app.show()
    code = application.exec()
    sys.excepthook = sys.__excepthook__
    ended = app.close()
    if not ended:
        # A driver that hangs must not keep a closed window's process alive; all is saved.
        os._exit(code)
    return code


def _obey_interrupts(window: Window) -> None:
    """Ctrl+C in the terminal and a polite kill close the window as its button does."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: window.close())
    # Python's handlers run between bytecodes: Qt has to come back to Python now and then.
    timer = QTimer(window)
    timer.start(500)
    timer.timeout.connect(lambda: None)
