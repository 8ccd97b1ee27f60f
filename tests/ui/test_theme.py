from __future__ import annotations

import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QColor, QIcon, QPalette, QPixmap
from PySide6.QtWidgets import QApplication, QToolButton
from pytestqt.qtbot import QtBot

from studio.core.resources import resource
from studio.ui.icons import app_icon, dress, icon, pixmap, true_icon
from studio.ui.theme import DARK, LIGHT, MODES, Theme, Tones, mode_named


@pytest.fixture
def theme(qapp: QApplication) -> Theme:
    return Theme(qapp)


def luminance(color: str) -> float:
    parts = [part / 255 for part in QColor(color).getRgb()[:3]]  # type: ignore[index]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("tones", [DARK, LIGHT])
def test_text_can_be_read(tones: Tones) -> None:
    for ground in (tones.window, tones.field, tones.raised):
        assert contrast(tones.text, ground) >= 10
        assert contrast(tones.muted, ground) >= 4.5
    assert contrast(tones.on_accent, tones.accent) >= 4.2
    assert contrast(tones.error, tones.raised) >= 4
    assert contrast(tones.warning, tones.raised) >= 4


@pytest.mark.parametrize(("mode", "tones"), [("dark", DARK), ("light", LIGHT)])
def test_a_mode_is_the_palette_of_the_application(
    theme: Theme, qapp: QApplication, mode: str, tones: Tones
) -> None:
    theme.set_mode(mode_named(mode))
    assert qapp.palette().color(QPalette.ColorRole.Window) == QColor(tones.window)
    assert theme.tones is tones


def test_unknown_modes_follow_the_system() -> None:
    assert [mode_named(mode) for mode, _ in MODES] == [mode for mode, _ in MODES]
    assert mode_named("purple") == mode_named(None) == "system"


def test_every_icon_draws_in_the_colour_asked_for(qapp: QApplication) -> None:
    names = sorted(path.stem for path in resource("icons").glob("*.svg"))
    for fixed in ("check-white", "app"):  # the style sheet cannot recolour, the app should not
        names.remove(fixed)
    assert len(names) > 20
    for each in names:
        image = pixmap(each, 32, QColor("#ff0000")).toImage()
        colors = {
            image.pixelColor(x, y).name()
            for x in range(32)
            for y in range(32)
            if image.pixelColor(x, y).alpha() == 255
        }
        assert "#ff0000" in colors, each


def test_the_application_has_an_icon_of_its_own_at_every_size(qapp: QApplication) -> None:
    made = app_icon()
    assert {16, 32, 256} <= {size.width() for size in made.availableSizes()}
    small = made.pixmap(16, 16).toImage()
    assert len({small.pixelColor(x, y).name() for x in range(16) for y in range(16)}) > 10
    assert small.pixelColor(0, 0).alpha() < 255


def test_a_chosen_picture_keeps_its_colours(qapp: QApplication) -> None:
    red = QPixmap(8, 8)
    red.fill(QColor("#ff0000"))
    chosen = true_icon(red).pixmap(QSize(8, 8), QIcon.Mode.Selected).toImage()
    assert chosen.pixelColor(4, 4).name() == "#ff0000"


def test_an_unknown_icon_is_an_error(qapp: QApplication) -> None:
    with pytest.raises(FileNotFoundError):
        icon("no-such-icon")


def test_dressed_buttons_follow_the_theme(theme: Theme, qtbot: QtBot) -> None:
    button = QToolButton()
    qtbot.addWidget(button)
    theme.set_mode("light")
    dress(button, "x")
    light = button.icon().pixmap(32).toImage()
    theme.set_mode("dark")
    dark = button.icon().pixmap(32).toImage()
    assert light != dark
