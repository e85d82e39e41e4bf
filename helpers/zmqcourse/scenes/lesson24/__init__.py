"""Lesson 24: conversations on tape, strangers at a bound socket, and a client by hand that does not read enough."""

from .doors import Doors
from .strangers import STRANGERS, delivered, says, still_waits
from .tapes import answered, heard, is_up

__all__ = ["STRANGERS", "Doors", "answered", "delivered", "heard", "is_up", "says", "still_waits"]
