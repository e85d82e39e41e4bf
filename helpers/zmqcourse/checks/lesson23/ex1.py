"""23.1: a file, whole and in order, in bounded memory, over a line that loses."""

from __future__ import annotations

import random as randoms
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any

import zmq

from ...exercise import Late, Wrong, exercise
from ...trial import Trial, trial
from .desk import NEVER, PIECE, Asked, Desk, file_of

PATIENCE = 0.3  # seconds, on a quiet machine, as given to the answer where something is lost
WINDOW = 5
CUTS = 3
LONG = 2.5  # times patience: longer than "about"
SOON = "a piece was asked for again before patience was over"
MORE = "more was asked for again than what had not come"


@exercise(
    "23.1",
    title="A file in bounded memory",
    hints=(
        "Three things to know: how far the file is written, how far it has been asked for, and what has come but is "
        "not next. Pieces that are not next wait in a dict, by their offset.",
        "Ask for the next piece while it lies less than `window` pieces beyond what is *written*. Counting what is "
        "under way is not enough: while one piece is missing, all that come after it would pile up.",
        "`dealer.poll(patience * 1000)` says no: then nothing has come for so long, and all that was asked for and "
        "has not come is asked for again. A piece shorter than `piece` (an empty one, too) is the file's end; what "
        "you have asked for beyond it is empty as well, so do not let that move the end.",
    ),
)
def it_comes_whole_and_no_more_is_kept(fetch) -> str:
    """`fetch(ctx, endpoint, piece, window, patience, write)`: hands the file to `write`; returns its length."""
    with trial(seconds=40) as t:
        for data in SIZES:
            _of_any_length(t, fetch, data)
    for scene in (_a_window_and_no_more, _lost, _one_is_young, _twice_and_late, _cut, _a_server_that_comes_late):
        with trial(seconds=15) as t:
            scene(t, fetch)
    return (
        f"{len(SIZES)} files of 0 to {max(map(len, SIZES)) // PIECE} pieces, answered in any order; never more than "
        f"{WINDOW} pieces kept; answers lost, late and twice; a server that came late; a line cut {CUTS} times"
    )


SIZES = [file_of(23, 50), file_of(20), b"", b"x", file_of(1), file_of(0, PIECE - 1), file_of(WINDOW)]


def _patience(t: Trial) -> float:
    return PATIENCE * min(t.pace, 8.0)


def newest(waiting: Sequence[Asked]) -> Asked:
    return waiting[-1]


def oldest(waiting: Sequence[Asked]) -> Asked:
    return waiting[0]


def nothing_lost(piece: int, time: int) -> bool:
    return False


def _of_any_length(t: Trial, fetch: Callable[..., Any], data: bytes) -> None:
    """Answers in an order drawn by lot."""
    draw = randoms.Random(23)
    desk = Desk(t, fetch, data, window=WINDOW, patience=NEVER)
    desk.serves(nothing_lost, order=draw.choice, seconds=5)
    why = f"a file of {len(data)} bytes in pieces of {PIECE}, answered in any order"
    desk.ends(why)
    desk.asked_once(why, SOON)
    desk.router.close(linger=0)


def _a_window_and_no_more(t: Trial, fetch: Callable[..., Any]) -> None:
    data = file_of(40)
    desk = Desk(t, fetch, data, window=WINDOW, patience=NEVER)
    desk.is_full("nothing has come yet")
    # the oldest is missing for a while, all others are answered: whatever more is asked for must be kept
    for _ in range(3):
        missing, *others = sorted(desk.open, key=lambda asked: asked.offset)
        for asked in others:
            desk.answers(asked)
        desk.calm()
        desk.answers(missing)
        desk.is_full("all that was asked for has come")
    desk.serves(nothing_lost, order=newest, seconds=5)
    why = "the oldest of each window was answered last"
    desk.ends(why)
    desk.asked_once(why, SOON)


def _lost(t: Trial, fetch: Callable[..., Any]) -> None:
    """The first answer, the last one (which is the end), and some between, once or twice."""
    for pieces, lost in (
        (23, {0: 1, 3: 2, 4: 1, 11: 1, 22: 1, 23: 2}),
        (4, {4: 1}),
        (0, {0: 1}),
        (9, dict.fromkeys(range(12), 1)),
    ):
        desk = Desk(t, fetch, file_of(pieces, 50 if pieces == 23 else 0), window=WINDOW, patience=_patience(t))

        def is_lost(piece: int, time: int, lost: dict[int, int] = lost) -> bool:
            return time <= lost.get(piece, 0)

        desk.serves(is_lost, order=oldest, seconds=8, said="an answer was lost, and it waits for ever")
        why = f"a file of {pieces} pieces; answers were lost: {sorted(lost)}"
        desk.ends(why)
        desk.asked_once(why, MORE, lost=lambda piece, lost=lost: lost.get(piece, 0))
        for piece in (piece for piece, often in lost.items() if often > 1):
            _, second, third = desk.asks[piece * PIECE][:3]
            if third - second > LONG * desk.patience:
                tried = f"piece {piece} of {pieces} was lost, and lost again"
                seen = f"it was asked for a third time {third - second:.2f} s later; patience is {desk.patience:.2f} s"
                raise Late("what is lost again is waited for longer than patience", tried=tried, seen=seen)
        desk.router.close(linger=0)


def _one_is_young(t: Trial, fetch: Callable[..., Any]) -> None:
    """A window is lost but for its first piece, which comes after half of patience, so that one more is asked for:
    when patience with the lost ones is over, that one has had half of it."""
    desk = Desk(t, fetch, file_of(12, 1), window=WINDOW, patience=2 * _patience(t))
    desk.is_full("nothing has come yet", calm=False)
    half = time.monotonic() + desk.patience / 2
    desk.wait(lambda: time.monotonic() > half, expected="a while to pass", said="a while did not pass", seconds=60)
    first = min(desk.open, key=lambda asked: asked.offset)
    desk.answers(first)
    desk.wait(
        lambda: desk.times[first.offset + PIECE] > 1,
        expected="the piece that has not come, asked for again when patience is over",
        said="what has not come is never asked for again",
        seconds=8 * PATIENCE + 2,
    )
    desk.calm(0.05)
    asked = [each.at for each in desk.open if each.offset == WINDOW * PIECE]
    if len(asked) > 1 and asked[1] - asked[0] < 0.8 * desk.patience:
        why = "a piece was asked for half of the patience after the others, none of which came"
        seen = f"it was asked for again {asked[1] - asked[0]:.2f} s later; patience is {desk.patience:.2f} s"
        raise (Late if desk.gap > desk.patience / 8 else Wrong)(SOON, tried=why, seen=seen)
    desk.serves(nothing_lost, order=oldest, seconds=8)
    desk.ends("a window was lost but for its first piece")


def _twice_and_late(t: Trial, fetch: Callable[..., Any]) -> None:
    """Each answer comes twice; and one comes when it has been asked for again, and once more after that."""
    data = file_of(17, 3)
    desk = Desk(t, fetch, data, window=WINDOW, patience=_patience(t))
    desk.is_full("nothing has come yet")
    late = next(asked for asked in desk.open if asked.offset == 0)
    desk.open.remove(late)
    for asked in list(desk.open):
        desk.answers(asked, times=2)
    desk.wait(
        lambda: desk.times[0] > 1 or desk.job.wait(0),
        expected="the piece that has not come, asked for again when patience is over",
        said="what has not come is never asked for again",
        seconds=4 * PATIENCE + 2,
    )
    desk.answers(late)
    while not desk.job.wait(0) and desk.times[0] < 100:
        desk.wait(
            lambda: desk.open or desk.job.wait(0),
            expected="questions, to the end",
            said="it has stopped asking",
            seconds=4,
        )
        for asked in list(desk.open):
            desk.answers(asked, times=2)
    desk.ends("answers came twice, and one when it had been asked for again")


def _a_server_that_comes_late(t: Trial, fetch: Callable[..., Any]) -> None:
    desk = Desk(t, fetch, file_of(12, 1), window=WINDOW, patience=_patience(t), endpoint=t.endpoint("tcp"))
    over = t.deadline(2 * PATIENCE)
    t.wait(lambda: over.over, seconds=2 * PATIENCE + 2, expected="a while to pass")
    desk.opens()
    desk.serves(nothing_lost, order=oldest, seconds=8)
    desk.ends("the server came late")


def server(ctx: zmq.Context[Any], endpoint: str, data: bytes, served: list[int]) -> None:
    """A server like the lesson's; how many pieces it has sent is counted in `served`."""
    with ctx.socket(zmq.ROUTER) as router:
        router.linger = 0
        router.bind(endpoint)
        while True:
            who, offset, size = router.recv_multipart()
            begin = int(offset)
            router.send_multipart([who, offset, data[begin : begin + int(size)]])
            served[0] += 1


def _cut(t: Trial, fetch: Callable[..., Any]) -> None:
    """The line breaks, with what is on its way, each time when so many pieces were served."""
    data, served, written = file_of(60, 7), [0], bytearray()
    endpoint = t.endpoint("tcp")
    line = t.link(endpoint, latency=0.003)
    t.peer(server, endpoint, data, served)
    job = t.start(fetch, t.ctx, line.endpoint, PIECE, WINDOW, _patience(t), written.extend)
    for cut in range(1, CUTS + 1):
        t.wait(
            lambda cut=cut: served[0] >= 12 * cut or job.wait(0),
            seconds=4,
            expected="it goes on when the line is mended",
            said="after a cut it has stopped for good",
        )
        line.cut()
        line.mend()
    t.wait(lambda: job.wait(0), seconds=8, expected="an end", said="after a cut it has stopped for good")
    got = t.finish(job)
    if bytes(written) != data or got != len(data):
        raise Wrong(
            "the file is not whole",
            tried=f"the line was cut {CUTS} times",
            seen=f"{len(written)} bytes of {len(data)}",
        )


# --- the same for longer


def soak(fetch: Callable[..., Any], random: randoms.Random, seconds: float) -> str:
    """Files, windows, losses, orders and cuts drawn at random."""
    files = total = lost = cuts = 0
    with trial(seconds=seconds + 90) as t:
        patience = 0.1 * min(t.pace, 8.0)  # asked for once: the clock goes on by the slowest pace that it has told
        over = t.deadline(seconds)
        while not over.over:
            data = file_of(random.randrange(60), random.randrange(PIECE))
            if random.random() < 0.3:
                cuts += _cuts(t, fetch, data, random, patience)
            else:
                chance = random.uniform(0, 0.2)
                gone: list[int] = []

                def is_lost(piece: int, time: int, chance: float = chance, gone: list[int] = gone) -> bool:
                    if random.random() > chance:
                        return False
                    gone.append(piece)
                    return True

                desk = Desk(t, fetch, data, window=random.randrange(1, 20), patience=patience)
                desk.serves(is_lost, order=random.choice, seconds=60)
                desk.ends(f"answers were lost with a chance of {chance:.2f}")
                desk.router.close(linger=0)
                lost += len(gone)
            files, total = files + 1, total + len(data)
    ledger = f"{files} files, {total // PIECE} pieces, {lost} answers lost, {cuts} cuts"
    return f"{ledger}; all whole and in order, within the window"


def _cuts(t: Trial, fetch: Callable[..., Any], data: bytes, random: randoms.Random, patience: float) -> int:
    served, written, endpoint, count = [0], bytearray(), t.endpoint("tcp"), 0
    line = t.link(endpoint, latency=0.002)
    t.peer(server, endpoint, data, served)
    window = random.randrange(1, 20)
    job = t.start(fetch, t.ctx, line.endpoint, PIECE, window, patience, written.extend)
    while count < 3 and not job.wait(0):
        enough = served[0] + random.randrange(1, 15)
        t.wait(lambda enough=enough: served[0] >= enough or job.wait(0), seconds=20, expected="more pieces")
        random.choice((line.cut, line.half_open))()
        threading.Event().wait(0.01)
        line.mend()
        count += 1
    got = t.finish(job, seconds=30)
    line.close()
    if bytes(written) != data or got != len(data):
        raise Wrong("the file is not whole", seen=f"{len(written)} bytes of {len(data)}")
    return count
