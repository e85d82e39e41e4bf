"""11.3: a whole word count, with four threads that share nothing but messages."""

from __future__ import annotations

import threading
import time
from collections import Counter

from ...exercise import Late, Wrong, exercise
from ...trial import Trial, expect_type, trial
from .sums import same

BOOK = ["The rays, and Light.", "", "refrangible Rays!", "", *(f"On page {n} the light is bent; æther."
                                                               for n in range(36))]
WORKERS = 4
LONG = 7            # the page that takes as long as half of all
LATE_START = 0.3    # quiet seconds that a thread may need to start


@exercise(
    "11.3",
    title="Word count with four workers",
    hints=(
        "Begin with 11.2, in one function: the four workers are threads; the function itself hands out and gathers.",
        "If each question carries the last result, one REP does both. `[b\"page\", …]` or `[b\"END\"]` is the answer.",
        "Answer with a page as long as there are pages, then four times with END; before each answer "
        "`found.update(json.loads(desk.recv()))`. Join the threads when your socket is closed.",
    ),
)
def four_workers_count_the_words(word_count) -> str:
    """`word_count(ctx, pages, count)` shares the pages among four threads and returns the sum of their Counters."""
    for late in (False, True):
        with trial(seconds=8) as t:
            shares = _one_book(t, word_count, late)
    for few in (BOOK[:2], []):      # a context each: an inproc name is not free at once
        with trial(seconds=5) as t:
            _few_pages(t, word_count, few)
    return (f"{len(BOOK)} pages, one of which took as long as half of all, and threads that started late; "
            f"{', '.join(map(str, shares))} pages a worker")


class Room:
    """Where `count` is called. The first four calls go on when four are in at the same time; the long one when half
    of all are done."""

    def __init__(self, t: Trial, pages: list[str], together: int) -> None:
        self.t, self.pages, self.together = t, pages, together
        self.took: dict[threading.Thread, int] = {}
        self.done = self.within = self.most = 0
        self.gave_up = False
        self._change = threading.Condition()

    def count(self, page: str) -> Counter:
        expect_type(page, str, "what `count` was given")
        with self._change:
            me = threading.current_thread()
            self.took[me] = self.took.get(me, 0) + 1
            self.within += 1
            self.most = max(self.most, self.within)
            self._change.notify_all()
            self._until(lambda: self.most >= self.together)
            if len(self.pages) > LONG and page == self.pages[LONG]:
                self._until(lambda: self.done >= len(self.pages) // 2)
            self.within -= 1
            self.done += 1
            self._change.notify_all()
        return result(page)

    def _until(self, condition) -> None:
        """Wait for it, up to two quiet seconds; once in vain is enough."""
        end = self.t.deadline(2.0)
        while not (condition() or self.gave_up):
            self._change.wait(0.02)
            self.gave_up = end.over


def result(page: str) -> Counter:
    """What `count` makes of a page: short, with words that are not in it."""
    return Counter({f"<{page[8:10].strip() or page[:4]}>": 1, "light": page.count("light")})


def _slow_start(t: Trial, room: Room, word_count):
    """The answer, handed a context from which its second, third and fourth thread get their first socket late: when the
    first one has a page, or after a moment."""
    make, guard, threads = t.ctx.socket, threading.Lock(), []

    def socket(*args, **kwargs):
        with guard:
            me = threading.current_thread()
            late = bool(threads) and me not in threads[:2]
            if me not in threads:
                threads.append(me)
            else:
                late = False
            late = late and len(threads) > 2    # the first is the caller of `word_count`, or the first of its threads
        end = t.deadline(LATE_START)
        while late and not room.took and not end.over:
            time.sleep(0.01)
        return make(*args, **kwargs)

    t.ctx.__dict__["socket"] = socket
    return word_count


def _one_book(t: Trial, word_count, late: bool) -> list[int]:
    room = Room(t, BOOK, WORKERS)
    job = t.start(_slow_start(t, room, word_count) if late else word_count, t.ctx, list(BOOK), room.count)
    found = t.finish(job)
    tried = f"{len(BOOK)} pages, some of them empty" + ("; three threads started a little late" if late else "")
    shares = sorted(room.took.values(), reverse=True)
    said = f"{len(shares)} threads counted: {', '.join(map(str, shares))} pages"
    if job.thread in room.took:
        raise Wrong("the thread that called `word_count` counted pages itself", tried=tried, seen=said,
                    expected="four threads of your own do")
    _judge(t, found, room, BOOK, tried)
    look = "the lesson's first run: who is there when the pages are dealt out?"
    if len(shares) != WORKERS:
        raise Wrong("not four workers had work", tried=tried, seen=said, look=look,
                    expected="four, with some pages each")
    if room.most < WORKERS:
        raise Late("the four do not share the work", tried=tried, look=look,
                   seen=f"{said}; at most {room.most} were at work at the same time",
                   expected="all four at work at the same time: each has its first page before one has its second")
    if shares[0] > len(BOOK) / 2:
        raise Wrong("one worker does more than half of the pages", tried=tried, seen=said, look=look,
                    expected="who is free gets the next page; one of the four was busy with one page for long")
    return shares


def _judge(t: Trial, found: object, room: Room, pages: list[str], tried: str) -> None:
    expect_type(found, Counter, "what `word_count` returned")
    if sum(room.took.values()) != len(pages):
        raise Wrong("each page is counted once", tried=tried,
                    seen=f"`count` was called {sum(room.took.values())} times")
    same(found, sum((result(page) for page in pages), Counter()), tried)
    sent = b"".join(frame for m in t.trace.messages for frame in m.frames if m.received is not None)
    alone = [word for page in pages for word in result(page) if word != "light"]
    if any(word.encode() not in sent for word in alone):
        raise Wrong("the results did not travel by messages", tried=tried,
                    seen=f"what `count` returned for {sum(word.encode() not in sent for word in alone)} pages is in no "
                         "message",
                    expected="pages and results travel in messages; the threads share nothing else")
    if sum(each.received for each in t.trace.sockets) < 2 * len(pages):
        raise Wrong("the pages did not travel by messages", tried=tried, seen="fewer messages than pages and results",
                    expected="each page reaches its worker in a message, each result comes back in one")


def _few_pages(t: Trial, word_count, pages: list[str]) -> None:
    """Fewer pages than workers, or none."""
    room = Room(t, pages, min(1, len(pages)))
    found = t.run(word_count, t.ctx, list(pages), room.count)
    _judge(t, found, room, pages, f"{len(pages)} pages")
