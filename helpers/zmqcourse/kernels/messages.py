"""Jupyter's messages as frames, as the lesson's own cells make and read them."""

from __future__ import annotations

import hmac
import json
import uuid
from collections.abc import Sequence
from datetime import datetime, timezone
from typing import Any

MARK = b"<IDS|MSG>"  # between routing ids or topic, and the message
CHANNELS = ("shell", "iopub", "stdin", "control", "hb")
Info = dict[str, Any]  # what a connection file says


def at(info: Info, channel: str) -> str:
    """The endpoint of one of the kernel's sockets."""
    return f"tcp://{info['ip']}:{info[channel + '_port']}"


def sign(key: str, parts: Sequence[bytes]) -> bytes:
    return hmac.new(key.encode(), b"".join(parts), "sha256").hexdigest().encode()


def message(info: Info, kind: str, content: Any, parent: Any = None) -> list[bytes]:
    """Mark, signature, and the four parts that it is of."""
    header = {
        "msg_id": uuid.uuid4().hex,
        "msg_type": kind,
        "session": "by hand",
        "username": "me",
        "date": datetime.now(timezone.utc).isoformat().replace("+00:00", "Z"),
        "version": "5.3",
    }
    parts = [json.dumps(part).encode() for part in (header, parent or {}, {}, content)]
    return [MARK, sign(info["key"], parts), *parts]


def read(frames: Sequence[bytes]) -> tuple[dict[str, Any], dict[str, Any], Any]:
    """Header, parent's header and content."""
    start = list(frames).index(MARK) + 2
    header, parent, _, content = map(json.loads, frames[start : start + 4])
    return header, parent, content


def cell(code: str, **more: Any) -> dict[str, Any]:
    """The content of an execute_request."""
    return {"code": code, "silent": False, "allow_stdin": True, "stop_on_error": True, **more}
