"""How much of a frame is kept: a short one as it is, of a long one its two ends."""

from __future__ import annotations

WHOLE = 64          # bytes up to which a frame is kept as it is
SHORTENED = 65      # length of a shortened frame: 32 first and 33 last bytes, a length that no whole frame has
