"""Where an endpoint is."""

from __future__ import annotations

import re
from typing import Any

Key = tuple[Any, ...]


def place(endpoint: str, context: int) -> Key:
    """Where an endpoint is, so that both sides' spellings compare equal: a port of this machine, a path, a name."""
    transport, _, rest = endpoint.partition("://")
    if transport == "tcp":
        rest = rest.rsplit(";", 1)[-1]      # "source;destination"
        host, _, port = rest.rpartition(":")
        local = re.fullmatch(r"127\..*|localhost|\*|0\.0\.0\.0|\[::1?\]|lo", host)
        return transport, "" if local else host, port
    return (transport, context, rest) if transport == "inproc" else (transport, rest)
