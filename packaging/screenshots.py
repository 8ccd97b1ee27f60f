"""Make the README's pictures from the running app, so that they are never out of date.

    python packaging/screenshots.py [FOLDER [SCENE ...]]

Runs the real engine with the starter model, offscreen, and writes PNGs to resources/screenshots
(or FOLDER). Fixed seeds: the same version makes the same pictures. With names of scenes, the
functions below, only these.
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

import collection
import photos
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QAction, QMouseEvent
from PySide6.QtWidgets import QApplication, QWidget

from studio.app import App
from studio.core.adapters import Adapter
from studio.core.geometry import Margins
from studio.core.picture import Mask, Picture
from studio.library.folders import Folders
from studio.session.adapters import Slot
from studio.ui.pixels import to_qimage
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

    def __init__(self, app: App, folder: Path, home: Path) -> None:
        self.app, self.folder, self.home = app, folder, home
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

    def shoot(self, name: str, mode: Mode = "dark", what: QWidget | None = None) -> None:
        self.window.theme.set_mode(mode)
        self.settle()
        path = self.folder / f"{name}.png"
        if not (what or self.window).grab().save(str(path)):
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

    def do(self, action: str) -> None:
        """Choose this from the menus."""
        found = self.window.findChild(QAction, f"action_{action}")
        if found is None:
            raise SystemExit(f"screenshots: there is no action {action}")
        found.trigger()
        self.settle(0.2)

    def run_to(self, steps: int) -> None:
        """Generate, until so many steps are taken."""
        self.session.generate()
        self.until(lambda: any(len(run.previews) >= steps for run in self.session.queue.active))

    def idle(self) -> None:
        self.until(lambda: not self.session.queue.active)
        self.settle()


def first_pictures(here: Photographer) -> None:
    """The window as it is after the first few minutes."""
    for prompt, seed in PROMPTS:
        here.draw(prompt, seed)
    here.shoot("window-dark")
    here.shoot("window-light", "light")


def watching(here: Photographer) -> None:
    """A run under way, one that waits, and one step with its curves and formulas."""
    session = here.session
    session.settings.steps = 60
    session.settings.prompt = PROMPTS[0][0]
    here.run_to(24)
    here.shoot("running-dark")
    here.do("pause")
    here.settle(2.0)
    here.shoot("paused-light", "light")
    session.queue.cancel_all()
    here.idle()
    session.settings.steps = 20
    here.draw(*PROMPTS[-1])
    here.window.steps.curves_button.setChecked(True)
    session.select_step(9)
    here.settle(2.0)
    here.shoot("step-dark")
    here.do("explain")
    here.settle(2.0)
    here.shoot("explain-dark")
    here.shoot("explain-light", "light")
    here.do("explain")
    here.window.steps.curves_button.setChecked(False)


def branching(here: Photographer) -> None:
    """Another ending for the lighthouse, beside the first one."""
    session = here.session
    run = session.viewing.run
    assert run is not None
    session.settings.prompt = "a red lighthouse by the sea at night under the stars"
    made = session.branch(run.id, 1)
    here.idle()
    here.window.history.set_tree(True)
    here.shoot("branch-dark")
    here.window.history.set_tree(False)
    assert made is not None
    session.select_step(12)
    session.comparison.with_parent(made)
    session.comparison.set_mode("wipe")
    here.settle(2.0)
    here.shoot("compare-dark")
    session.comparison.set_mode("side")
    here.settle(1.0)
    here.shoot("compare-light", "light")
    session.comparison.stop()
    session.select_step(None)
    here.settle()


def forward(here: Photographer) -> None:
    """The picture on its way to noise, in a window of its own."""
    here.do("forward")
    here.settle(4.0)
    view = here.window.learning.forward_view
    assert view is not None
    here.shoot("forward-dark", what=view)
    here.shoot("forward-light", "light", what=view)
    view.close()


def filling(here: Photographer) -> None:
    """A region filled, with several results to choose from, and the picture extended."""
    session, canvas = here.session, here.window.stage.canvas
    here.draw(*PROMPTS[-1])
    canvas.pen.size = 44  # wide enough for the lighthouse in two strokes
    here.stroke([(0.32, 0.26), (0.36, 0.26), (0.3, 0.55), (0.4, 0.6)])
    here.stroke([(0.2, 0.58), (0.45, 0.6), (0.2, 0.68), (0.46, 0.72), (0.2, 0.74)])
    session.settings.prompt = FILL
    here.shoot("mask-dark")
    canvas.zoom_to(8.0 * canvas.devicePixelRatioF(), canvas.width() * 0.2, canvas.height() * 0.7)
    canvas.pen.size = 5
    here.shoot("zoomed-light", "light")
    canvas.fit()
    session.settings.batch = 3
    session.generate()
    here.idle()
    here.shoot("fill-light", "light")
    session.viewing.accept()
    session.settings.batch = 1
    session.desk.framing.margins = Margins(48, 0, 48, 0)
    session.settings.prompt = ""
    here.settle()
    canvas.fit()
    here.shoot("extend-dark")
    session.generate()
    here.idle()
    canvas.fit()
    here.shoot("extended-dark")


def repairing(here: Photographer) -> None:
    """Six pictures filled from themselves, before and after on one sheet."""
    session, pairs = here.session, []
    session.settings.prompt, session.settings.seed = "", 0
    for scene in photos.scenes():
        session.desk.bring(Picture(scene.pixels), f"{scene.title}.png")
        session.document.set_mask(Mask(scene.mask))
        if scene.taken_from is not None:
            session.document.set_mask(Mask(scene.taken_from), "from")
            here.shoot("material-dark")
        session.generate()
        here.idle()
        shown = session.viewing.shown
        assert shown is not None
        pairs.append((scene.title, to_qimage(Picture(scene.pixels)), to_qimage(shown.picture)))
        if len(pairs) == 1:
            session.select_step(20)
            here.settle(2.0)
            here.shoot("from-photo-dark")
            session.select_step(None)
        session.viewing.accept()
    sheet = here.folder / "repaired.png"
    if not photos.before_and_after(pairs).save(str(sheet)):
        raise SystemExit(f"screenshots: {sheet} cannot be written")
    print(sheet)


def models(here: Photographer) -> None:
    """A collection of models, those of the hub, LoRAs, and a long prompt."""
    session, window = here.session, here.window
    session.document.clear()  # the photo before would be refined
    previews = []
    for prompt, seed in PROMPTS:
        here.draw(prompt, seed)
        made = session.document.picture
        assert made is not None
        previews.append(made)
    comfy = here.home / "ComfyUI"
    collection.checkpoints(comfy, previews)
    collection.loras(here.home / "data" / "loras", previews)
    session.collection.add_folder(comfy)
    here.until(lambda: not session.collection.looking)
    here.settle(2.0)
    page = window.models_page
    for mode in ("dark", "light"):
        page.open_at(page.yours)
        page.yours.view.choose(
            next(
                row
                for row in page.yours.view.list.shown
                if getattr(row, "name", "") == "sea-and-sky-xl"
            )
        )
        here.shoot(f"models-{mode}", mode, page)
        page.open_at(page.browse)
        page.browse.view.setCurrentIndex(page.browse.offers.index(3))
        here.shoot(f"browse-{mode}", mode, page)
        page.close()
        window.panel.model.open()
        here.shoot(f"picker-{mode}", mode, window.panel.model.list)
        window.panel.model.list.close()
    session.settings.prompt = (
        "(a red lighthouse:1.2) on a cliff by the sea, {sunset|night} with a crescent moon, "
        "[clouds] <lora:tall-trees:0.5>"
    )
    session.settings.adapters = (Slot(Adapter("linocut", 0.8)), Slot(Adapter("soft-evening", 0.4)))
    here.settle(1.0)
    session.generate()
    here.idle()
    here.shoot("loras-dark")
    here.shoot("loras-light", "light")
    session.settings.adapters = ()


SCENES = (first_pictures, watching, branching, forward, filling, repairing, models)


def main() -> None:
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "resources" / "screenshots"
    folder.mkdir(parents=True, exist_ok=True)
    application = QApplication([])
    with tempfile.TemporaryDirectory() as home:
        app = App(Folders(Path(home) / "pictures", Path(home) / "data"), "cpu")
        app.window.resize(1440, 900)
        app.show()
        here = Photographer(app, folder, Path(home))
        here.until(lambda: bool(here.session.models))
        here.session.settings.random_seed = False
        for scene in SCENES:
            if len(sys.argv) < 3 or scene.__name__ in sys.argv[2:]:
                scene(here)
        app.window.close()
        app.close()
    application.quit()


if __name__ == "__main__":
    main()
