"""Lesson 27: who gets in, a list of guests that changes, what somebody on the way can do, a till that is deceived."""

from .doors import who_gets_in
from .hall import Hall, at_the_door
from .till import evening
from .wire import AFTER, after_one_bit, client, overhear, say_again, server, turn_one_bit

NO_CURVE = "This ZeroMQ was built without CURVE: this lesson wants one that has it, such as `pip install pyzmq` brings."

__all__ = [
    "AFTER",
    "NO_CURVE",
    "Hall",
    "after_one_bit",
    "at_the_door",
    "client",
    "evening",
    "overhear",
    "say_again",
    "server",
    "turn_one_bit",
    "who_gets_in",
]
