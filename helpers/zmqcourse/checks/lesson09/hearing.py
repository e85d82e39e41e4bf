"""A publisher and a subscriber that hears it, and what a function that reads must return."""

from __future__ import annotations

import zmq

from ...exercise import Wrong
from ...trial import Trial, expect_type


def meet(t: Trial, **options) -> tuple[zmq.Socket, zmq.Socket]:
    """An XPUB and a SUB that hears it, with no limits unless some are given."""
    options = {"hwm": 0} | options
    pub, endpoint = t.bind(zmq.XPUB, options.get("endpoint", "tcp://127.0.0.1:*"), sndhwm=options["hwm"])
    sub = t.connect(zmq.SUB, endpoint, rcvhwm=options["hwm"])
    sub.subscribe("")
    t.receive(pub)
    return pub, sub


def dict_is(got: object, expected: dict, tried: str, kind: type[Wrong] = Wrong) -> None:
    """Raises `kind` unless that is the dict."""
    expect_type(got, dict, "what your function returned")
    if got != expected:
        raise kind(
            "that is not the right dict",
            tried=tried,
            seen=f"it returned `{short(got)}`",
            expected=f"`{short(expected)}`",
        )


def short(value: object) -> str:
    text = repr(value)
    return text if len(text) < 160 else text[:120] + " … " + text[-20:]
