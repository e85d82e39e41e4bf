"""What a lesson tells the picture about its messages: what a role says of itself with them, which only tell of life."""

from __future__ import annotations

from collections.abc import Callable

from ..recorder import Recorder


class Telling:
    """A stage, as far as it explains what travels on it."""

    recorder: Recorder

    def label(self, says: Callable[[str, tuple[bytes, ...]], str | None]) -> None:
        """Shows at each role's box what it says of itself: `says(role, frames)` is asked for each message that it
        sends, and returns a label ("active"), or None where that tells none. The record keeps it (`trace.labels`)."""
        self.recorder.store.labels.says = says

    def heartbeats(self, *frames: bytes) -> None:
        """From now on a message with one of these frames is a heartbeat: it is drawn small, and is no work for who
        receives it (`Message.heartbeat`)."""
        self.recorder.store.beats.update(frames)
