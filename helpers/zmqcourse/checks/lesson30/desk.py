"""The five sockets of a kernel that says what a check wants it to say."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection
from typing import Any

import zmq

from ...exercise import Wrong
from ...kernels import CHANNELS, MARK, at, message, read, sign
from ...trial import Job, Trial, show

PARTS = ("header", "parent header", "metadata", "content")
HARMLESS = ("kernel_info_request", "execute_request")


class Desk:
    """`info` is what its connection file would say. It answers kernel_info_request on shell and control, and the
    heartbeat, where these are in `answers`; it takes no message that is not signed, or comes twice, as kernels do, and
    raises `Wrong`, as they do not.

    `requests` are the execute_requests that have come. `listening`: whether anybody has subscribed since `forget`.
    """

    def __init__(self, t: Trial, *, answers: Collection[str] = CHANNELS, ear: bool = False) -> None:
        """`ear`: a link, `line`, stands in front of iopub, and somebody else listens to everything already."""
        self.t, self.answers = t, answers
        kinds = {channel: zmq.XPUB if channel == "iopub" else zmq.ROUTER for channel in CHANNELS}
        self.sockets: dict[str, Any] = {}
        self.info: dict[str, Any] = {"ip": "127.0.0.1", "transport": "tcp", "key": "a key of the check's"}
        self.info["signature_scheme"] = "hmac-sha256"
        for channel, kind in kinds.items():
            self.sockets[channel], endpoint = t.bind(kind, linger=0)
            self.info[f"{channel}_port"] = _port(endpoint)
        self.sockets["iopub"].xpub_verbose = True
        self.requests: list[tuple[list[bytes], dict[str, Any]]] = []
        self.listening, self._topics, self._known = False, set[bytes](), set[str]()
        if ear:
            self._somebody = t.connect(zmq.SUB, at(self.info, "iopub"))
            self._somebody.subscribe("")
            self.until(lambda: self.listening, "a listener of the check's own", said="it does not connect")
            self.line = t.link(at(self.info, "iopub"), name="iopub")
            self.info["iopub_port"] = _port(self.line.endpoint)
            self.forget()

    def forget(self) -> None:
        self.requests.clear()
        self.listening = False

    # --- what it hears

    def pump(self) -> None:
        for channel, socket in self.sockets.items():
            while socket.poll(0):
                frames = socket.recv_multipart()
                if channel == "iopub":
                    self._subscription(frames[0])
                elif channel == "hb":
                    if channel in self.answers:
                        socket.send_multipart(frames)
                elif channel in ("shell", "control"):
                    self._request(channel, frames)

    def _subscription(self, frame: bytes) -> None:
        if frame[:1] == b"\x01":
            self.listening = True
            if frame[1:] not in self._topics:  # a kernel's XPUB is told of each topic once
                self._topics.add(frame[1:])
                self.says("iopub_welcome", {"subscription": frame[1:].decode("latin-1")}, {}, topic=frame[1:])
        else:
            self._topics.discard(frame[1:])

    def _request(self, channel: str, frames: list[bytes]) -> None:
        tried = f"a message came to the kernel's {channel}"
        if MARK not in frames or len(frames) < frames.index(MARK) + 6:
            expected = f"`{MARK.decode()}`, signature, {', '.join(PARTS)}"
            raise Wrong("that is no message to a kernel", tried=tried, seen=f"`{show(frames)}`", expected=expected)
        start = frames.index(MARK) + 2
        if frames[start - 1] != sign(self.info["key"], frames[start : start + 4]):
            raise Wrong(
                "the signature is not that of the four parts, so a kernel drops the message and says nothing",
                tried=tried,
                expected="HMAC-SHA256 with the connection file's `key`, as hexadecimal digits",
            )
        try:
            header, _, content = read(frames)
            kind, name = header["msg_type"], header["msg_id"]
        except (ValueError, TypeError, KeyError) as error:
            raise Wrong("a kernel cannot read this message", tried=tried, seen=repr(error)) from error
        if name in self._known:
            said = "a message's id was used twice, and a kernel may take the second one for a repeat"
            raise Wrong(said, tried=tried, expected="a new `msg_id` for each request")
        self._known.add(name)
        if kind not in HARMLESS or (kind == "execute_request" and channel != "shell"):
            raise Wrong("the kernel was asked for something else", tried=tried, seen=f"`{kind}` on {channel}")
        if kind == "execute_request":
            self.requests.append((frames[: start - 2], {**header, "content": content}))
        elif channel in self.answers:
            self.told(header)
            self.replies(channel, frames[: start - 2], "kernel_info_reply", {"status": "ok"}, header)
            self.told(header, "idle")

    # --- what it says

    def says(self, kind: str, content: Any, parent: Any, *, topic: bytes | None = None) -> None:
        """On iopub."""
        name = b"kernel.30." + kind.encode() if topic is None else topic
        front = [name] if name else []
        self.sockets["iopub"].send_multipart([*front, *message(self.info, kind, content, parent)])

    def told(self, parent: Any, state: str = "busy") -> None:
        self.says("status", {"execution_state": state}, parent)

    def prints(self, text: str, parent: Any, name: str = "stdout") -> None:
        self.says("stream", {"name": name, "text": text}, parent, topic=b"stream." + name.encode())

    def replies(self, channel: str, to: list[bytes], kind: str, content: Any, parent: Any) -> None:
        self.sockets[channel].send_multipart([*to, *message(self.info, kind, content, parent)])

    # --- time

    def until(
        self, condition: Callable[[], Any], expected: str, *, said: str, seconds: float = 3.0, job: Job | None = None
    ) -> Any:
        """Serve until the condition holds; what it gave. Raises `Late`; `Wrong` when the call has ended before."""

        def turn() -> Any:
            over = job is not None and job.done
            self.pump()
            value = condition()
            if over and not value:
                assert job is not None
                self.t.finish(job)
                raise Wrong(said, seen=f"`{job.name}` has returned `{show(job.value)}`", expected=expected)
            return value

        return self.t.wait(turn, expected=expected, said=said, seconds=seconds)


def _port(endpoint: str) -> int:
    return int(endpoint.rpartition(":")[2])


def other(session: str = "somebody else") -> dict[str, Any]:
    """The header of a request that somebody else has made."""
    return dict(json.loads(message({"key": ""}, "execute_request", {})[2])) | {"session": session}
