"""A class on one JupyterHub: so many learners log in, open lessons and run them at the same time; what it cost, and
whether anybody's stage heard somebody else.

    python tests/hub.py --learners 20 --lessons 00 06 09        (make hub)
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from typing import Any

from hub_learner import Learner, Ran
from hub_server import Hub, Missing, open_hub, packages
from hub_usage import HUB, KERNEL, SERVER, Memory, Use, Watch

SAID = 50       # times that each listener hears a name while all the others are at it


@dataclass
class Report:
    """What a class did."""

    learners: int
    lessons: tuple[str, ...]
    seconds: float = 0.0
    ran: dict[str, list[Ran]] = field(default_factory=dict)
    lost: dict[str, str] = field(default_factory=dict)      # learners who could not go on, and why
    endpoints: list[str] = field(default_factory=list)      # of the stages that ran in all kernels at the same moment
    said: dict[str, dict[str, dict[str, int]]] = field(default_factory=dict)    # learner → transport → heard, foreign
    traced: dict[str, dict[str, Any]] = field(default_factory=dict)     # learner → the same, for what they said
    uses: dict[str, dict[str, Use]] = field(default_factory=dict)
    watch: Watch | None = None
    log: str = ""       # what the hub wrote, where something went wrong

    @property
    def all_ran(self) -> list[Ran]:
        return [ran for each in self.ran.values() for ran in each]

    @property
    def failed(self) -> list[str]:
        """Cells that failed, and learners who were lost."""
        cells = [f"{who} {ran.lesson} {what}"
                 for who, all_of in self.ran.items() for ran in all_of for what in ran.failed]
        return cells + [f"{who}: {why}" for who, why in self.lost.items()]

    @property
    def shared_endpoints(self) -> list[str]:
        """Addresses that two learners' stages had at once; inproc is within a process, and may have the same name."""
        many = Counter(each for each in self.endpoints if not each.startswith("inproc:"))
        return [each for each, count in many.items() if count > 1]

    @property
    def foreign(self) -> list[str]:
        """Everything that was heard and that nobody of the same kernel had sent."""
        by_name = [f"{who} over {transport}: {counts['foreign']}" for who, talks in self.said.items()
                   for transport, counts in talks.items() if counts["foreign"]]
        by_trace = [f"{who}: {each}" for who, traced in self.traced.items() for each in traced["foreign"]]
        by_trace += [f"{who}: {each}" for who, all_of in self.ran.items() for ran in all_of
                     for each in ran.traced.get("foreign", ())]
        return by_name + by_trace


class Class:
    """Learners at one hub, who do each step at the same time. `seconds` bounds each wait, `total` all of it."""

    def __init__(self, hub: Hub, learners: int, *, seconds: float = 120, total: float = 1500) -> None:
        names = [f"learner-{number:02}" for number in range(1, learners + 1)]
        self.learners = {name: Learner(name, hub.url, seconds=seconds) for name in names}
        self.lost: dict[str, str] = {}
        self._pool = ThreadPoolExecutor(learners)
        self._end = time.monotonic() + total

    def all_at_once(self, step: Callable[[Learner], Any]) -> dict[str, Any]:
        """What `step` gives for each learner; one for whom it fails is lost, with the reason."""
        under_way = {name: self._pool.submit(step, learner) for name, learner in self.learners.items()
                     if name not in self.lost}
        wait(under_way.values(), timeout=max(0, self._end - time.monotonic()))
        done = {}
        for name, future in under_way.items():
            if not future.done():
                self.lost[name] = "not over in time"
            elif error := future.exception():
                self.lost[name] = f"{type(error).__name__}: {error}"
            else:
                done[name] = future.result()
        return done

    def close(self) -> None:
        """When the hub has ended: whoever still waits for it waits no more."""
        self._pool.shutdown(wait=True, cancel_futures=True)
        for learner in self.learners.values():
            learner.close()


def enter(learner: Learner) -> None:
    learner.log_in()
    learner.start_server()


def hold(hub: Hub, learners: int, lessons: Sequence[str], *, say: Callable[[str], None] = lambda _: None,
         seconds: float = 120, total: float = 1500) -> Report:
    """A class, from the first log-in to the last cell."""
    report, began = Report(learners, tuple(lessons)), time.monotonic()
    report.watch = watch = Watch(hub.processes)
    group = Class(hub, learners, seconds=seconds, total=total)
    report.lost = group.lost

    def tell(what: str) -> None:
        say(f"{time.monotonic() - began:6.1f} s  {learners - len(group.lost)} of {learners} have {what}")

    try:
        group.all_at_once(enter)
        tell("a server")
        names = group.all_at_once(lambda learner: [learner.lesson(number) for number in lessons])
        report.ran = group.all_at_once(lambda learner: [learner.run(lesson) for lesson in names[learner.name]])
        tell("run their lessons")
        last = {name: group.learners[name].kernels[names[name][-1]] for name in report.ran}
        begun = group.all_at_once(lambda learner: last[learner.name].call(f"begin({learner.name!r})", seconds))
        report.endpoints = [endpoint for each in begun.values() for endpoint in each]
        report.said = group.all_at_once(lambda learner: last[learner.name].call(
            f"finish({learner.name!r}, {SAID}, {seconds})", seconds + 10))
        report.traced = group.all_at_once(lambda learner: last[learner.name].call("traced()", seconds))
        tell("said their names at the same moment")
        watch.look()
        report.uses = watch.measure()
        report.seconds = time.monotonic() - began
    finally:
        watch.stop()
        hub.end()
        report.log = hub.log() if report.failed else ""
        group.close()
    return report


# --- the table


def table(report: Report) -> str:
    """The figures, as text."""
    watch, ran = report.watch, report.all_ran
    looks = f"in {watch.looks} looks at the socket tables"
    traced = [each.traced for each in ran if each.traced] + list(report.traced.values())
    heard = sum(counts["heard"] for each in report.said.values() for counts in each.values())
    learners = {name: kinds for name, kinds in report.uses.items() if name != HUB}
    cpu = {kind: _spread([_of(each, kind).cpu for each in learners.values()], "{:.1f}") for kind in (SERVER, KERNEL)}
    descriptors = [sum(use.descriptors for use in each.values()) for each in learners.values()]
    rows = [
        ("learners", f"{report.learners}, lessons {' '.join(report.lessons)}: a kernel each, all left open"),
        ("machine", f"{os.cpu_count()} cores"),
        ("cells run, failed", f"{sum(each.cells for each in ran):,}, {len(report.failed)}"),
        ("wall seconds", f"{report.seconds:.0f}; a learner's lessons {_spread(_lesson_seconds(report), '{:.0f}')}"),
        ("processor seconds a learner", f"server {cpu[SERVER]}, kernels {cpu[KERNEL]}"),
        ("processes, descriptors", f"{watch.peak_processes}, {watch.peak_descriptors:,} at most; "
         f"a learner has {max(descriptors, default=0)} descriptors"),
        ("memory of all", f"{watch.peak_rss / 1e6:,.0f} MB RSS at most; "
         f"at the end {_total(report.uses).pss / 1e6:,.0f} MB PSS"),
        ("listening", f"{', '.join(sorted(watch.listening))}; beyond loopback: {len(watch.beyond)} {looks}"),
        ("connections", f"{len(watch.connections):,} seen over tcp; between two learners: {len(watch.crossed)}"),
        ("endpoints at one moment", f"{len(report.endpoints)}; "
         f"the same for two learners: {len(report.shared_endpoints)}"),
        ("cross-talk by name", f"{heard:,} messages heard over inproc, ipc and tcp; foreign: "
         f"{sum(counts['foreign'] for each in report.said.values() for counts in each.values())}"),
        ("cross-talk by trace", f"{sum(each['received'] for each in traced):,} messages received on "
         f"{sum(each['stages'] for each in traced):,} stages; without a sender in the same kernel: "
         f"{sum(len(each['foreign']) for each in traced)}"),
    ]
    lines = [f"{name:<28}{value}" for name, value in rows]
    lines += ["", f"{'memory, MB (median, most)':<28}{'RSS':>14}{'PSS':>14}{'USS':>14}"]
    for title, of in (("a server", lambda each: _of(each, SERVER).memory),
                      ("a kernel", lambda each: _one(_of(each, KERNEL))),
                      ("a learner, all of it", lambda each: _total({"": each}))):
        memories = [of(each) for each in learners.values()]
        lines.append(f"{title:<28}" + "".join(f"{_mb([getattr(m, kind) for m in memories]):>14}"
                                              for kind in ("rss", "pss", "uss")))
    hub = _total({"": report.uses.get(HUB, {})})
    lines.append(f"{'hub and proxy':<28}" + "".join(f"{each / 1e6:>14,.0f}" for each in (hub.rss, hub.pss, hub.uss)))
    return "\n".join([*lines, "", *report.failed[:20], *report.foreign[:20], *map(str, watch.crossed)]).rstrip()


def _lesson_seconds(report: Report) -> list[float]:
    return [sum(ran.seconds for ran in each) for each in report.ran.values()]


def _of(kinds: dict[str, Use], kind: str) -> Use:
    return kinds.get(kind, Use())


def _one(use: Use) -> Memory:
    many = max(use.processes, 1)
    return Memory(use.memory.rss // many, use.memory.pss // many, use.memory.uss // many)


def _total(uses: dict[str, dict[str, Use]]) -> Memory:
    return sum((use.memory for kinds in uses.values() for use in kinds.values()), Memory())


def _spread(values: list[float], form: str) -> str:
    if not values:
        return "none"
    return f"{form.format(statistics.median(values))} (most {form.format(max(values))})"


def _mb(values: list[int]) -> str:
    return f"{statistics.median(values) / 1e6:,.0f}, {max(values) / 1e6:,.0f}" if values else "none"


def main() -> int:
    parser = argparse.ArgumentParser(description="a class of simulated learners on a real JupyterHub, on this machine")
    parser.add_argument("--learners", type=int, default=20)
    parser.add_argument("--lessons", nargs="+", default=["00", "06", "09"], metavar="NN")
    parser.add_argument("--minutes", type=float, default=25, help="after so long it ends, whatever has been reached")
    options = parser.parse_args()
    try:
        packages()
        with open_hub() as hub:
            report = hold(hub, options.learners, options.lessons, say=lambda what: print(what, flush=True), seconds=300,
                          total=60 * options.minutes)
    except Missing as why:
        print(f"No hub here: {why}.")
        return 2
    print(f"\n{table(report)}")
    watch = report.watch
    return int(bool(report.failed or report.foreign or report.shared_endpoints or watch.crossed or watch.beyond))


if __name__ == "__main__":
    sys.exit(main())
