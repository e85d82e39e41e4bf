"""What a class costs, and what its processes are connected to: looked at from outside, again and again."""

from __future__ import annotations

import contextlib
import threading
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

import psutil

LOOPBACK = ("127.", "::1", "::ffff:127.")
HUB, SERVER, KERNEL = "hub", "server", "kernel"
YOUNG = 5.0     # seconds: until it becomes another program, a new process looks like the one that has made it


@dataclass
class Memory:
    """Bytes. Of pages that several processes share, RSS counts all in each, PSS a fair part, USS none.
    PSS is 0 where the system does not tell it."""

    rss: int = 0
    pss: int = 0
    uss: int = 0

    def __add__(self, other: Memory) -> Memory:
        return Memory(self.rss + other.rss, self.pss + other.pss, self.uss + other.uss)


@dataclass
class Use:
    """What the processes of one kind use, for one learner (or for the hub)."""

    processes: int = 0
    memory: Memory = field(default_factory=Memory)
    cpu: float = 0.0
    descriptors: int = 0


class Tcp(NamedTuple):
    """A socket: whose, its own address and port, those of the other end (empty if there is none)."""

    pid: int
    here: tuple[str, int]
    there: tuple[()] | tuple[str, int]
    listening: bool = False


class Watch:
    """Looks at a hub's processes every `period` seconds, until `stop`."""

    def __init__(self, processes: Callable[[], list[psutil.Process]], period: float = 1.0) -> None:
        self._processes = processes
        self._period = period
        self._owners: dict[int, tuple[str, str]] = {}
        self._over = threading.Event()
        self.looks = 0
        self.peak_processes = self.peak_descriptors = 0
        self.peak_rss = 0
        self.listening: set[str] = set()        # addresses, without ports
        self.beyond: set[str] = set()           # those that are not this machine's own
        self.connections: set[tuple[int, int]] = set()      # seen with both ends, by their ports
        self.crossed: set[tuple[str, str, int, int]] = set()    # those between two learners: who, and the ports
        self._thread = threading.Thread(target=self._watch, name="hub watch")
        self._thread.start()

    def stop(self) -> None:
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._over.is_set():
            began = time.monotonic()
            with contextlib.suppress(psutil.Error):
                self.look()
            self._over.wait(max(self._period, 4 * (time.monotonic() - began)))     # at most a fifth of one core

    def look(self) -> None:
        """One look: counts, and the socket tables."""
        running = self._processes()
        rss = descriptors = 0
        for process in running:
            with contextlib.suppress(psutil.Error), process.oneshot():
                rss += process.memory_info().rss
                descriptors += process.num_fds()
        self.looks += 1
        self.peak_processes = max(self.peak_processes, len(running))
        self.peak_descriptors = max(self.peak_descriptors, descriptors)
        self.peak_rss = max(self.peak_rss, rss)
        self._look_at_sockets({process.pid: self.owner(process)[0] for process in running})

    def _look_at_sockets(self, owner: dict[int, str]) -> None:
        tcp = _sockets(list(owner))
        # by both addresses: two connections to different places may come from the same port
        ends = {(each.here, each.there): owner[each.pid] for each in tcp if each.there}
        for each in tcp:
            address, port = each.here
            if each.listening:
                self.listening.add(address)
                if not address.startswith(LOOPBACK):
                    self.beyond.add(f"{address}:{port} ({owner[each.pid]})")
            elif (each.there, each.here) in ends:
                ports = tuple(sorted((port, each.there[1])))
                pair = tuple(sorted((owner[each.pid], ends[each.there, each.here])))
                self.connections.add(ports)
                if pair[0] != pair[1] and HUB not in pair:
                    self.crossed.add((*pair, *ports))

    def owner(self, process: psutil.Process) -> tuple[str, str]:
        """Whose process it is (a learner, or the hub), and its kind: hub, server or kernel."""
        if process.pid in self._owners:
            return self._owners[process.pid]
        try:
            learner, command = process.environ().get("JUPYTERHUB_USER", ""), process.cmdline()
            chain = [command, *(parent.cmdline() for parent in process.parents())]
            young = time.time() - process.create_time() < YOUNG
        except psutil.Error:
            return HUB, HUB
        in_kernel = any("ipykernel_launcher" in part for each in chain for part in each)
        owner = (learner, KERNEL if in_kernel else SERVER) if learner else (HUB, HUB)
        if not young:
            self._owners[process.pid] = owner
        return owner

    def measure(self) -> dict[str, dict[str, Use]]:
        """What is used now: learner (or hub) → kind → use. Processor time is counted from each process's start."""
        uses: dict[str, dict[str, Use]] = defaultdict(lambda: defaultdict(Use))
        for process in self._processes():
            with contextlib.suppress(psutil.Error):
                who, kind = self.owner(process)
                memory, times = process.memory_full_info(), process.cpu_times()
                use = uses[who][kind]
                use.processes += 1
                use.memory += Memory(memory.rss, getattr(memory, "pss", 0), memory.uss)
                use.cpu += times.user + times.system + getattr(times, "children_user", 0) + getattr(
                    times, "children_system", 0)
                use.descriptors += process.num_fds()
        return uses


def _sockets(pids: list[int]) -> list[Tcp]:
    """The TCP sockets of these processes."""
    if psutil.LINUX:
        wanted = set(pids)
        found = [(each, each.pid) for each in psutil.net_connections("tcp") if each.pid in wanted]
    else:
        found = []
        for pid in pids:
            with contextlib.suppress(psutil.Error):
                found += [(each, pid) for each in psutil.Process(pid).net_connections("tcp")]
    return [Tcp(pid, tuple(each.laddr), tuple(each.raddr), each.status == psutil.CONN_LISTEN) for each, pid in found]
