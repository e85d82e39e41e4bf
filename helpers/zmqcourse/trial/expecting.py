"""What an answer has to be, or to give back, told in one sentence where it is something else."""

from __future__ import annotations

from ..exercise import Wrong, show


def expect_type(value: object, kind: type | tuple[type, ...], what: str) -> None:
    """Raises `Wrong` unless `value` (called `what`, for the learner) is of this type."""
    if isinstance(value, kind) and not (isinstance(value, bool) and kind in (int, float)):
        return
    kinds = kind if isinstance(kind, tuple) else (kind,)
    names = " or ".join(f"`{k.__name__}`" for k in kinds)
    if value is None:
        raise Wrong(f"{what} is `None`: is a `return` missing?", expected=names)
    hint = ' (bytes are written `b"…"`)' if isinstance(value, str) and bytes in kinds else ""
    raise Wrong(f"{what} is `{show(value)}`, a `{type(value).__name__}`", expected=names + hint)


def expect_function(fn: object) -> None:
    """Raises `Wrong` unless this can be called."""
    if not callable(fn):
        raise Wrong(
            f"your answer is `{show(fn)}`, not a function", expected="the function itself, without `()`"
        )
