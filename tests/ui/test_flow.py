"""Words in rows: as many in each as find room."""

from __future__ import annotations

from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from studio.ui.flow import Flow


def test_what_finds_no_room_goes_to_the_next_row_and_comes_back(qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    flow, box = Flow(4), QVBoxLayout(window)
    buttons = [QPushButton(f"Section {number}") for number in range(5)]
    for made in buttons:
        made.setFixedSize(90, 20)
        flow.addWidget(made)
    box.addLayout(flow)
    box.addStretch(1)
    window.resize(5 * 94 + 40, 200)
    window.show()
    assert len({made.y() for made in buttons}) == 1
    window.resize(2 * 94 + 40, 200)
    qtbot.waitUntil(lambda: len({made.y() for made in buttons}) == 3)
    assert all(made.width() == 90 for made in buttons)
    assert flow.heightForWidth(2 * 94) == 3 * 20 + 2 * 4
    window.resize(5 * 94 + 40, 200)
    qtbot.waitUntil(lambda: len({made.y() for made in buttons}) == 1)


def test_what_is_taken_out_leaves_no_gap(qtbot: QtBot) -> None:
    flow = Flow(4)
    holder = QWidget()
    qtbot.addWidget(holder)
    holder.setLayout(flow)
    button = QPushButton("Section")
    flow.addWidget(button)
    assert flow.itemAt(0) is not None
    assert flow.takeAt(0) is not None
    assert flow.itemAt(0) is None
    assert flow.takeAt(0) is None
    assert (flow.count(), flow.heightForWidth(300), flow.sizeHint().width()) == (0, 0, 0)
