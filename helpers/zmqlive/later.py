"""Parts of a package that are loaded when they are first asked for, so that who needs a few pays for these alone, and
what to install for those that need more."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any


def later(package: str, where: Mapping[str, str]) -> Callable[[str], Any]:
    """What the package's `__getattr__` is to be (PEP 562). `where` says of each name in which of its modules it is; a
    module under its own name is that module. The function raises AttributeError for any other name."""

    def get(name: str) -> Any:
        if name not in where:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        module = importlib.import_module("." + where[name], package)
        return module if name == where[name] else getattr(module, name)

    return get


@contextmanager
def extra(name: str) -> Iterator[None]:
    """Around imports of packages that the lab does without, and that an extra of its installation brings. Raises
    ModuleNotFoundError, which says what to install."""
    try:
        yield
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(f"This needs {error.name}, which is not installed here: "
                                  f"pip install \"zmqlive[{name}]\" brings it.", name=error.name) from error
