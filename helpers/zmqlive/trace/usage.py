"""The diagnosis, third part: sockets that are used as ZeroMQ's are not meant to be."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from .case import Case, Diagnosis, count, some

LONG = 1.0      # seconds that a context may take to end
OPEN = 50       # sockets of one kind that a role has open at a time and that look like forgotten ones


def late_options(case: Case) -> Iterator[Diagnosis]:
    """Marks and other options that were set after bind or connect."""
    for socket in case.sockets:
        late = list(dict.fromkeys(name for _, name in case.facts(socket, "late")))
        before = [(t, kind, text) for kind in ("bind", "connect") for t, text in case.facts(socket, kind)]
        if late and before:
            what = min(before)
            yield case.say("set too late", "marks", [socket],
                           f"{case.called(socket)} sets {', '.join(late)} after its {what[1]}: options hold for what "
                           "is bound and connected afterwards. Set them first.",
                           f"{what[1]} {what[2]} at {what[0]:.3f} s, {late[0]} at "
                           f"{case.facts(socket, 'late')[0][0]:.3f} s.")


def wrong_state(case: Case) -> Iterator[Diagnosis]:
    """EFSM."""
    for socket in case.sockets:
        errors = [(t, text) for t, text in case.facts(socket, "error") if "EFSM" in text]
        if errors:
            call = errors[0][1].split()[0]
            yield case.say("wrong state", "efsm", [socket],
                           f"{case.called(socket)} called {call} when it was not its turn (EFSM): a REQ sends and "
                           "receives in turns, a REP receives and sends. After a timeout, close the REQ and make a new "
                           "one, or set REQ_RELAXED and REQ_CORRELATE, or use a DEALER.",
                           f"{count(len(errors), 'time')}, first at {errors[0][0]:.2f} s.")


def many_threads(case: Case) -> Iterator[Diagnosis]:
    """One socket in several threads by turns, or in a parent and its child."""
    for socket in case.sockets:
        if socket.threads:
            yield case.say("several threads", "threads", [socket],
                           f"{case.called(socket)} is used by several threads in turns: frames of different messages "
                           "may mix, and libzmq may end the process. Give each thread a socket of its own.",
                           f"{', '.join(sorted(set(socket.threads)))}.")
        for t, child in case.facts(socket, "forked")[:1]:
            yield case.say("used after a fork", "fork", [socket],
                           f"{case.called(socket)} was made before a fork, and is used in the child {child}: a socket "
                           "and its context do not survive a fork. Make them in the child.",
                           f"First at {t:.2f} s.")


def never_closed(case: Case) -> Iterator[Diagnosis]:
    """More and more sockets of one kind are open, each used once and then forgotten."""
    kinds: dict[tuple[str, str], list[Any]] = defaultdict(list)
    for socket in case.sockets:
        kinds[socket.role, socket.type].append(socket)
    for (role, type), sockets in kinds.items():
        last = sockets[-1].opened
        left = [s for s in sockets if s.closed is None or s.closed > last]
        if len(left) < OPEN or len(left) < 0.9 * len(sockets):
            continue
        done = [max((m.sent for m in case.sent_by[s.id]), default=last) for s in left]
        forgotten = sum(at < after.opened for at, after in zip(done, left[1:], strict=False))
        if forgotten > 0.8 * len(left):
            yield case.say("never closed", "open", left[:1],
                           f"{role} has opened {len(left)} {type} sockets one after the other, and closed none before "
                           "the next: each takes descriptors until none are left. Close them (with a `with`), or keep "
                           "one.", f"Opened from {left[0].opened:.2f} s to {last:.2f} s; none was used again after the "
                           "next was there.")


def context_hangs(case: Case) -> Iterator[Diagnosis]:
    """`term` waits for a socket that is open, or for a message that nobody takes."""
    over = {event.role: event.t for event in case.trace.roles if event.state != "running"}
    for socket in case.sockets:
        began = next((t for t, _ in case.facts(socket, "term")), None)
        done = next((t for t, _ in case.facts(socket, "termed")), over.get(socket.role, case.end))
        if began is None or done - began < LONG:
            continue
        if case.lasted(socket, began) > LONG:
            yield case.say("context hangs", "exit", [socket],
                           f"{socket.role}'s context does not end: term waits until every socket is closed, and "
                           f"its {socket.type} is open. Close it first (a `with` around it does, also when an "
                           "exception comes).", f"term was called at {began:.2f} s; {case.lasted(socket, began):.1f} s "
                           "later the socket was open still.")
            continue
        linger = next((text.split()[-1] for _, text in case.facts(socket, "close") if " " in text), "0")
        kept = [m for m in case.sent_by[socket.id] if m.fate in ("waiting", "unknown") and m.target is None]
        if kept and linger != "0":
            yield case.say("context hangs", "exit", [socket],
                           f"{case.called(socket)} is closed, and its context cannot end: it waits (LINGER {linger}) "
                           f"to deliver to {', '.join(socket.connects or socket.binds)}, where nobody takes it. Set "
                           "LINGER to as long as that may last.",
                           f"{count(len(kept), 'message')}: {some(m.frames[-1] for m in kept)}; term was called at "
                           f"{began:.2f} s and took {done - began:.1f} s or more.")


def spins(case: Case) -> Iterator[Diagnosis]:
    """A loop that asks thousands of times a second and gets nothing."""
    for socket in case.sockets:
        times = [int(text) for _, text in case.facts(socket, "spins")]
        if times:
            yield case.say("poller spins", "spin", [socket],
                           f"{socket.role} asks its {socket.type} thousands of times a second, and no message is "
                           "there: a poll with a timeout of 0, or one that is also asked for POLLOUT, which is nearly "
                           "always true. Let it wait, and ask for POLLOUT only while there is something to send.",
                           f"Up to {max(times):,} times in vain in a second, in {count(len(times), 'second')}.")


RULES = (late_options, wrong_state, many_threads, never_closed, context_hangs, spins)
