from __future__ import annotations

import pytest
from PySide6.QtWidgets import QComboBox
from pytestqt.qtbot import QtBot

from studio.core.samplers import SAMPLERS
from studio.session.settings import Settings
from studio.ui.controls import NumberRow
from studio.ui.samplerbox import SamplerBox


def box(qtbot: QtBot, settings: Settings) -> SamplerBox:
    made = SamplerBox(settings)
    qtbot.addWidget(made)
    return made


@pytest.mark.parametrize("sampler", SAMPLERS)
def test_every_sampler_shows_its_own_options(qtbot: QtBot, sampler: str) -> None:
    settings = Settings()
    samplers = box(qtbot, settings)
    samplers.combo.setCurrentIndex(samplers.combo.findData(sampler))
    assert settings.sampler == sampler
    assert list(samplers.options) == [option.name for option in SAMPLERS[sampler].options]
    settings.recipe().check()


def test_an_option_in_both_directions(qtbot: QtBot) -> None:
    settings = Settings(sampler="euler_ancestral")
    samplers = box(qtbot, settings)
    eta = samplers.options["eta"]
    assert isinstance(eta, NumberRow)
    assert (eta.value(), dict(settings.sampler_options)) == (1.0, {})
    eta.slider.setValue(25)
    assert dict(settings.sampler_options) == {"eta": 0.25}
    settings.sampler_options = {"eta": 0.5}
    assert eta.value() == 0.5


def test_a_choice_in_both_directions(qtbot: QtBot) -> None:
    settings = Settings(sampler="ddpm")
    samplers = box(qtbot, settings)
    variance = samplers.findChild(QComboBox, "option_variance")
    assert isinstance(variance, QComboBox)
    variance.setCurrentIndex(variance.findData("beta"))
    assert dict(settings.sampler_options) == {"variance": "beta"}
    settings.sampler_options = {}
    assert variance.currentData() == "posterior"


def test_an_adopted_sampler_shows_its_options(qtbot: QtBot) -> None:
    settings = Settings()
    samplers = box(qtbot, settings)
    settings.sampler = "dpmpp_2m_sde"
    settings.sampler_options = {"s_noise": 1.5}
    row = samplers.options["s_noise"]
    assert isinstance(row, NumberRow)
    assert row.value() == 1.5
