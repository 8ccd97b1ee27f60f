from __future__ import annotations

from dataclasses import replace

import pytest
from pytestqt.qtbot import QtBot

from studio.core.events import Catalogued
from studio.core.model_info import ModelInfo
from studio.ui import guided
from studio.ui.panel import Panel
from tests.session.scripted import LARGE, STARTER, new_session


def model(name: str, **abilities: bool) -> ModelInfo:
    return replace(LARGE, name=name, abilities=replace(LARGE.abilities, **abilities))


DEV = model("dev", negative_prompt=False, embedded_guidance=True)
SCHNELL = model("schnell", negative_prompt=False)


@pytest.mark.parametrize(
    ("name", "able", "tip", "rescale"),
    [
        ("large", True, guided.FOLLOWS, guided.RESCALE),
        ("dev", True, guided.TOLD, guided.NO_RESCALE),
        ("schnell", False, guided.NONE, guided.NO_RESCALE),
    ],
)
def test_guidance_can_be_set_where_it_does_something(
    qtbot: QtBot, name: str, able: bool, tip: str, rescale: str
) -> None:
    panel = Panel(new_session())
    qtbot.addWidget(panel)
    panel.session.receive(Catalogued((STARTER, LARGE, DEV, SCHNELL)))
    for chosen in ("starter", name):  # from a model that has all of it
        panel.session.settings.model = chosen
    assert panel.guidance.isEnabled() == able
    assert panel.rescale.isEnabled() == panel.negative.isEnabled() == (name == "large")
    assert panel.guidance.field.toolTip() == panel.guidance.slider.toolTip() == tip
    assert panel.rescale.field.toolTip() == rescale
    words = guided.NOT_SHOWN if name == "large" else guided.NO_NEGATIVE
    assert panel.negative.placeholderText() == words
