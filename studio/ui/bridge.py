"""Engine events, and what other threads have done, to the window's."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Qt, Signal

from studio.core.events import Event


class Bridge(QObject):
    """`post` may be called on any thread; the receiver is called on the bridge's own, in order."""

    _arrived = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._receive: Callable[[Event], None] | None = None
        self._arrived.connect(self._deliver, Qt.ConnectionType.QueuedConnection)

    def post(self, event: Event) -> None:
        self._arrived.emit(event)

    def connect_to(self, receive: Callable[[Event], None]) -> None:
        """Deliver what is posted from now on to `receive`."""
        self._receive = receive

    def close(self) -> None:
        """Deliver nothing more, whatever is still on its way."""
        self._receive = None

    def _deliver(self, event: Event) -> None:
        if self._receive is not None:
            self._receive(event)


class Errands(QObject):
    """`post` may be called on any thread; what it is given is called on the object's own."""

    _arrived = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._arrived.connect(self._call, Qt.ConnectionType.QueuedConnection)

    def post(self, call: Callable[[], None]) -> None:
        self._arrived.emit(call)

    def _call(self, call: Callable[[], None]) -> None:
        call()
