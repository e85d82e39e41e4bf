"""How long a process has worked, which a machine with much else to do stretches over any time."""

from __future__ import annotations

from collections.abc import Callable


class Worked:
    """Asked `every` so many seconds: the processor time that a process took so far, and each stretch in which it took
    none, for then it waits for something else than a core."""

    every = 1.0

    def __init__(self, pid: Callable[[], int | None]) -> None:
        """`pid` tells the process, once there is one."""
        self._pid = pid
        self._took = self._stood = 0.0

    def seconds(self) -> float:
        took = _processor_time(self._pid())
        if took > self._took:
            self._took = took
        else:
            self._stood += self.every
        return self._took + self._stood


def _processor_time(pid: int | None) -> float:
    """Seconds of all its threads; 0 where that cannot be told."""
    try:
        import psutil  # the notebook's kernel brings it; few starts last so long that it is needed
    except ImportError:
        return 0.0
    try:
        return float(sum(psutil.Process(pid).cpu_times()[:2])) if pid else 0.0
    except psutil.Error:  # it is gone
        return 0.0
