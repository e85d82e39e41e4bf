"""What became of the tasks, counted from the notes of those who worked: never from a broker's word."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from .notes import Note, Notes


@dataclass(frozen=True)
class Ledger:
    """Tasks sent; done by somebody; never done; done more often than once; begun more often than once."""

    sent: int
    done: int
    lost: int
    twice: int
    redelivered: int


def ledger(sent: int, notes: Iterable[Notes]) -> Ledger:
    """Count them. `sent` is what the producer has handed over, by its own notes."""
    notes = list(notes)
    done = Counter(number for each in notes for number, _ in each.done_notes)
    begun = Counter(number for each in notes for number, _ in each.started_notes)
    return Ledger(
        sent=sent,
        done=len(done),
        lost=max(0, sent - len(done)),
        twice=sum(done.values()) - len(done),
        redelivered=sum(begun.values()) - len(begun),
    )


def first_done(notes: Iterable[Notes]) -> list[Note]:
    """Each task once, when it was done for the first time; in the order of time."""
    first: dict[int, float] = {}
    for each in notes:
        for number, t in each.done_notes:
            first[number] = min(t, first.get(number, t))
    return sorted(first.items(), key=lambda note: note[1])


def in_order(notes: Notes) -> bool:
    """Whether this worker was given its tasks in the order in which they were sent."""
    numbers = [number for number, _ in notes.started_notes]
    return numbers == sorted(numbers)
