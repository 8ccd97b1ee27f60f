"""Make the README's pictures from the running app, so that they are never out of date.

    python packaging/screenshots.py [FOLDER]

Runs the real engine with the starter model, offscreen, and writes PNGs to resources/screenshots
(or FOLDER). Fixed seeds: the same version makes the same pictures.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("HF_HUB_OFFLINE", "1")

from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication

from studio.app import App
from studio.library.folders import Folders
from studio.ui.theme import Mode

PROMPTS = (
    ("a snowy mountain and pine trees by a lake at dawn", 3),
    ("a white windmill on a green meadow at noon", 11),
    ("a tent in the forest under the stars", 5),
    ("a red lighthouse by the sea at sunset", 7),
)
FILL = "a yellow house"
WAIT = 180.0


class Photographer:
    """Drives the app as a person would and keeps what the window shows."""

    def __init__(self, app: App, folder: Path) -> None:
        self.app, self.folder = app, folder
        self.session, self.window = app.session, app.window

    def until(self, true: Callable[[], bool]) -> None:
        end = time.monotonic() + WAIT
        while not true():
            if time.monotonic() > end:
                raise SystemExit("screenshots: the app did not get there in time")
            QApplication.processEvents()
            time.sleep(0.005)

    def settle(self, seconds: float = 0.6) -> None:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            QApplication.processEvents()
            time.sleep(0.005)

    def draw(self, prompt: str, seed: int) -> None:
        self.session.settings.prompt = prompt
        self.session.settings.seed = seed
        self.session.generate()
        self.until(lambda: not self.session.queue.active)

    def shoot(self, name: str, mode: Mode = "dark") -> None:
        self.window.theme.set_mode(mode)
        self.settle()
        path = self.folder / f"{name}.png"
        if not self.window.grab().save(str(path)):
            raise SystemExit(f"screenshots: {path} cannot be written")
        print(path)

    def stroke(self, points: list[tuple[float, float]]) -> None:
        """Paint through points given as shares of the picture, as the mouse would."""
        canvas = self.window.stage.canvas
        picture = self.session.document.picture
        assert picture is not None
        size, ratio = picture.size, canvas.devicePixelRatioF()
        places = [
            QPointF(*canvas.view.to_screen(x * size.width, y * size.height)) / ratio
            for x, y in points
        ]
        left, none = Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton
        kinds = [QEvent.Type.MouseButtonPress, *[QEvent.Type.MouseMove] * (len(places) - 1)]
        for kind, place in zip(kinds, places, strict=True):
            button = left if kind == QEvent.Type.MouseButtonPress else none
            self._mouse(kind, place, button, left)
        self._mouse(QEvent.Type.MouseButtonRelease, places[-1], left, none)

    def _mouse(
        self, kind: QEvent.Type, place: QPointF, button: Qt.MouseButton, held: Qt.MouseButton
    ) -> None:
        canvas = self.window.stage.canvas
        at = QPointF(canvas.mapToGlobal(place))
        event = QMouseEvent(kind, place, at, button, held, Qt.KeyboardModifier.NoModifier)
        QApplication.sendEvent(canvas, event)


def main() -> None:
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "resources" / "screenshots"
    folder.mkdir(parents=True, exist_ok=True)
    application = QApplication([])
    with tempfile.TemporaryDirectory() as home:
        app = App(Folders(Path(home) / "pictures", Path(home) / "data"), "cpu")
        app.window.resize(1440, 900)
        app.show()
        photographer = Photographer(app, folder)
        session = app.session
        photographer.until(lambda: bool(session.models))
        session.settings.random_seed = False
        for prompt, seed in PROMPTS:
            photographer.draw(prompt, seed)
        photographer.shoot("window-dark")
        photographer.shoot("window-light", "light")
        session.select_step(session.settings.steps // 2)
        session.look()
        photographer.settle(2.0)
        photographer.shoot("step-dark")
        session.select_step(None)
        session.settings.steps = 100
        session.settings.prompt = PROMPTS[0][0]
        session.generate()
        photographer.until(lambda: len(session.queue.active[0].previews) > 40)
        photographer.shoot("running-dark")
        session.queue.cancel_all()
        photographer.until(lambda: not session.queue.active)
        session.settings.steps = 20
        photographer.draw(*PROMPTS[-1])
        app.window.stage.canvas.pen.size = 26
        photographer.stroke([(0.15, 0.6), (0.2, 0.75), (0.3, 0.62), (0.35, 0.75)])
        session.settings.prompt = FILL
        photographer.shoot("mask-dark")
        session.generate()
        photographer.until(lambda: not session.queue.active)
        photographer.shoot("fill-light", "light")
        app.window.close()
        app.close()
    application.quit()


if __name__ == "__main__":
    main()
