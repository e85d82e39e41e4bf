"""A kernel behind five links, and a front end whose buttons the reader presses."""

from __future__ import annotations

import json
import threading
from collections import deque
from collections.abc import Callable
from typing import Any, NamedTuple

from ipywidgets import Button, HBox, Layout
from zmqlive import Link, Stage

from ...kernels import CHANNELS, MARK, Info, Kernel, at, cell, message, read
from .glass import Glass

PATIENCE = 60.0  # seconds
SLEEP = "run a cell that sleeps"
SLEEPS = "import time\nfor _ in range(30):\n    time.sleep(0.1)"
SLEEPS_LONG = SLEEPS.replace("30", "3000")
FrontEnd = Callable[[Any, Info, "deque[tuple[str, list[bytes]]]"], Any]
REQUESTS: dict[str, tuple[str, str, Any]] = {  # button → over which socket, message type, content
    "run 1+1": ("shell", "execute_request", cell("1+1")),
    SLEEP: ("shell", "execute_request", cell(SLEEPS)),
    "print a secret": ("shell", "execute_request", cell("print('the password is swordfish')")),
    "run input()": ("shell", "execute_request", cell("name = input('name? ')")),
    "type Ada": ("stdin", "input_reply", {"value": "Ada"}),
    "interrupt": ("control", "interrupt_request", {}),
    "ask on shell": ("shell", "kernel_info_request", {}),
    "ask on control": ("control", "kernel_info_request", {}),
}
BEAT, FREEZE, THAW = "heartbeat", "freeze the kernel", "thaw the kernel"


class Passed(NamedTuple):
    """A message that has passed over the link of this socket, "there" to the kernel or "back"."""

    socket: str
    way: str
    frames: list[bytes]

    @property
    def request(self) -> str:
        """The id of the request that it is, or has come of."""
        if MARK not in self.frames:
            return ""
        header, parent, _ = read(self.frames)
        return str((parent if self.way == "back" else header).get("msg_id", ""))

    def row(self) -> dict[str, Any]:
        """What a table says of it."""
        told = "heartbeat"
        if MARK in self.frames:
            header, _, content = read(self.frames)
            told = header["msg_type"] + (f": {content['execution_state']}" if header["msg_type"] == "status" else "")
        return {
            "socket": self.socket,
            "way": "→ kernel" if self.way == "there" else "← kernel",
            "message": told,
            "frames": len(self.frames),
            "bytes": sum(map(len, self.frames)),
        }


def says(role: str, frames: tuple[bytes, ...]) -> str | None:
    """The kernel's label is what it says on iopub."""
    if role != "kernel" or not frames[-1].startswith(b'{"execution_state"'):
        return None
    return str(json.loads(frames[-1])["execution_state"])


class Window:
    """`front_end(ctx, info, orders)` as a role, in front of five links to `kernel`; whatever stands in `orders`, a pair
    of a socket's name and frames, it sends. `stage` runs, `buttons` give orders."""

    def __init__(self, kernel: Kernel, front_end: FrontEnd) -> None:
        self.kernel, self.orders = kernel, deque[tuple[str, list[bytes]]]()
        self.stage = stage = Stage("A kernel behind glass", seconds=900)
        self._glass = Glass(stage, "kernel")
        self.passed: list[Passed] = []
        ports = {f"{name}_port": int(self._link(name).endpoint.rpartition(":")[2]) for name in CHANNELS}
        stage.label(says)
        stage.heartbeats(b"beat")
        stage.add(front_end, {**kernel.info, **ports}, self.orders, name="front end")
        stage.start()
        stage.recorder.note_role("kernel", "running")
        self._in_turn = threading.Lock()
        self._beats = 0
        names = (*REQUESTS, BEAT, FREEZE, THAW)
        self.buttons = HBox([self._button(name) for name in names], layout=Layout(flex_flow="row wrap", width="100%"))
        stage.wait(lambda _: self._hears(), PATIENCE)

    def _link(self, name: str) -> Link:
        def heard(way: str, frames: list[bytes]) -> None:
            self.passed.append(Passed(name, way, frames))

        endpoint = at(self.kernel.info, name)
        return self.stage.link(endpoint, name=name, tap=self._glass.tap(endpoint, heard))

    def _button(self, name: str) -> Button:
        button = Button(description=name, layout=Layout(width="max-content"))
        button.on_click(lambda _: self.press(name))
        return button

    def _hears(self, since: int = 0) -> bool:
        """Whether iopub has said anything to the front end: what it is asked for until then it may miss."""
        heard = any(each.socket == "iopub" for each in self.passed[since:])
        if not heard and not self.orders:
            self.orders.append(("shell", message(self.kernel.info, "kernel_info_request", {})))
            threading.Event().wait(0.1)
        return heard

    def _rests(self) -> None:
        """Whatever was done before: the kernel goes on, its links are whole, no cell runs."""
        self.press(THAW)
        for link in self.stage.links:
            if link.state != "up":
                link.mend()
        self._is_told("control", self.press("interrupt"), "interrupt_reply")
        before = len(self.passed)
        self.stage.wait(lambda _: self._hears(before), PATIENCE)

    def press(self, name: str) -> str:
        """What this button does; the id of its request, if it has one."""
        with self._in_turn:
            if name == FREEZE:
                self.kernel.freeze()
                self.stage.recorder.note_role("kernel", "frozen")
            elif name == THAW:
                self.kernel.thaw()
                self.stage.recorder.note_role("kernel", "running")
            elif name == BEAT:
                answers = [each for each in list(self.passed) if (each.socket, each.way) == ("hb", "back")]
                if self._beats == len(answers):  # a REQ asks again when it has been answered
                    self._beats += 1
                    self.orders.append(("hb", [b"beat"]))
            else:
                return self._sends(*REQUESTS[name])
        return ""

    def _sends(self, channel: str, kind: str, content: Any) -> str:
        frames = message(self.kernel.info, kind, content)
        self.orders.append((channel, frames))
        return str(read(frames)[0]["msg_id"])

    def one(self, name: str) -> list[dict[str, Any]]:
        """This button is pressed; a row of a table for each message that passes because of it."""
        self._rests()
        request = self.press(name)
        self._is_told("iopub", request, "status: idle")
        self._is_told("shell", request, "_reply")
        return [each.row() for each in list(self.passed) if each.request == request]

    def meanwhile(self, name: str) -> list[str]:
        """A cell sleeps, and this button is pressed; what iopub says of the kernel from the cell's beginning to its
        end: each time a state, and of which request."""
        self._rests()
        before = len(self.passed)
        asleep = self._sends("shell", "execute_request", cell(SLEEPS_LONG))
        self._is_told("iopub", asleep, "execute_input")
        self._is_told("iopub", self.press(name), "status: idle")
        self.press("interrupt")
        self._is_told("iopub", asleep, "status: idle")
        heard = [read(each.frames) for each in self.passed[before:] if each.socket == "iopub"]
        told = [(content, parent) for header, parent, content in heard if header["msg_type"] == "status"]
        return [f"{content['execution_state']}, of {parent['msg_type']}" for content, parent in told]

    def _is_told(self, socket: str, request: str, kind: str) -> None:
        """Waits until that has come back because of this request."""

        def told(_: Stage) -> bool:
            mine = [each for each in list(self.passed) if (each.socket, each.request) == (socket, request)]
            return any(each.row()["message"].endswith(kind) for each in mine)

        self.stage.wait(told, PATIENCE)

    def stop(self) -> None:
        """The stage stops, and a frozen kernel goes on."""
        self.kernel.thaw()
        self.stage.stop()
