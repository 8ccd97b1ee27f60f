"""Two-way bindings between a field that can be watched and a control."""

from __future__ import annotations

from collections.abc import Callable
from types import MethodType
from typing import Any, TypeVar
from weakref import WeakMethod

from psygnal import SignalGroup, SignalInstance
from PySide6.QtCore import QObject
from PySide6.QtCore import SignalInstance as QtSignal

T = TypeVar("T")


def watch(signal: SignalInstance | SignalGroup, owner: QObject, call: Callable[..., Any]) -> None:
    """Call `call` with the signal's values for as long as `owner` lives."""
    signal.connect(call)
    # A method of the owner's, held here, would keep the owner alive for ever.
    held = WeakMethod(call) if isinstance(call, MethodType) else (lambda: call)
    owner.destroyed.connect(lambda: _part(signal, held()))


def _part(signal: SignalInstance | SignalGroup, call: Callable[..., Any] | None) -> None:
    if call is not None:
        signal.disconnect(call, missing_ok=True)


def bind(
    model: Any,
    field: str,
    control: QObject,
    changed: QtSignal,
    read: Callable[[], T],
    write: Callable[[T], None],
) -> None:
    """Keep `model.field` and a control the same, in both directions, from now on.

    `model` is a psygnal evented dataclass; `changed` is emitted by the control. A value that is
    already there is not written again, so that a cursor in a text stays where it is.
    """

    def to_control(value: T, *_: object) -> None:
        if read() != value:
            write(value)

    def to_model(*_: object) -> None:
        setattr(model, field, read())

    to_control(getattr(model, field))
    changed.connect(to_model)
    watch(getattr(model.events, field), control, to_control)
