"""The fault script: acts, each of which sees to some points; the faults hang on what the server has just done."""

from __future__ import annotations

from collections.abc import Callable

import zmq

from .bench import Bench
from .words import LAST, REPLAY, SNAPSHOT, Update, pack, short, snapshot_in, table

MANY = 100  # updates that wait while one is synced
SHARE = 4  # of them, at least, should share a sync on average
CLIENTS = 5
QUESTIONS = 4
NONE = (4, 2), (LAST, LAST), (0, 0)  # of which there is no update

# --- without a fault


def updates_come(bench: Bench) -> None:
    """Keys and values of any bytes, also the same once more."""
    strange = (b"a/1", None), (b"empty", b""), (b"", b"x"), (b"\x00\xff", b"\n" * 100_000), (SNAPSHOT, REPLAY)
    again = (b"empty", b""), (b"b/1", b"same"), (b"b/1", b"same"), (b"a/1", None)
    sent = [bench.sends(*each) for each in (*strange, *again)]
    bench.tells(sent, "keys and values of any bytes, some of them the same once more")
    bench.tells([bench.sends(b"a/%d" % (each % 7)) for each in range(50)], "50 updates, one after the other")


def snapshots_are_asked(bench: Bench) -> None:
    """Of all, of a part, of nothing; and of a part while only others change."""
    for prefix in b"", b"a/", b"a", b"/1", b"\x00", b"b/1", b"nobody's", b"a/1 and more":
        _snapshot(bench, prefix, f"SNAPSHOT of {short(prefix)}")
    bench.tells([bench.sends(b"b/2")], "one more")
    _snapshot(bench, b"a/", "the newest update is not of this prefix")


def _snapshot(bench: Bench, prefix: bytes, tried: str) -> None:
    number, rows = bench.snapshot(prefix)
    bench.score.count(3, number == bench.highest, "a snapshot's number is not that of the last update in it",
                      tried=tried, seen=f"{number}", expected=f"{bench.highest}, whatever its key")
    strangers = [key for key in rows if not key.startswith(prefix)]
    bench.score.count(3, not strangers, "keys are in a snapshot that do not begin with its prefix", tried=tried,
                      seen=short(strangers[:3]))
    wanted = table([bench.heard[each] for each in sorted(bench.heard)], prefix)
    bench.score.count(3, bool(strangers) or rows == wanted, "a snapshot has not the newest value of each key",
                      tried=tried, seen=short(rows), expected=short(wanted))


def envelopes_come(bench: Bench) -> None:
    """From a REQ that numbers its requests, through proxies, from many at once; also such as look like a request."""
    for way in [b"\x00\x00\x00\x07", b""], [b"hop 1", b"hop 2", b""], [b"SNAPSHOT", b"\x00", b""]:
        answer = bench.first_of_two(way, SNAPSHOT, b"")
        bench.score.count(6, answer[: len(way)] == way and snapshot_in(answer[len(way) :]) is not None,
                          "the envelope does not come back as it was",
                          tried=f"a SNAPSHOT in the envelope {short(way)}, and a plain one behind it",
                          seen=short(answer) if answer else "no answer, but one to the plain request",
                          expected=f"{short(way)}, then SNAPSHOT and so on")
    clients = [bench.t.connect(zmq.DEALER, bench.asks, linger=0) for _ in range(CLIENTS)]
    for number, client in enumerate(clients):
        bench.t.send(client, b"", SNAPSHOT, b"mine/%d" % number)
    updates = [bench.sends(b"mine/%d" % number) for number in range(CLIENTS)]
    bench.tells(updates, "updates while many ask")
    for number, client in enumerate(clients):
        bench.hears(client, [b""], "not all who asked at once are answered")
        frames = bench.ask(SNAPSHOT, b"mine/%d" % number, client=client)
        found = snapshot_in(frames)
        bench.score.count(6, found is not None and found[1] == [updates[number]], "a client is answered for another",
                          tried=f"{CLIENTS} clients ask at once", seen=short(frames))
        client.close(linger=0)


def nonsense_comes(bench: Bench) -> None:
    """Requests and updates that are none: the former are refused, the latter take no number, and all goes on."""
    for request in ((b"NONSENSE",), (b"",), (SNAPSHOT,), (SNAPSHOT, b"a", b"b"), (b"snapshot", b""),
                    (b"\xff\xfe", b"\x00")):
        bench.is_refused(*request)
    stranger = bench.t.connect(zmq.DEALER, bench.asks, linger=0)
    for frames in (SNAPSHOT,), (b"\x00", b"\x01"), (b"",):  # no envelope, or nothing in it
        bench.t.send(stranger, *frames, expected="a ROUTER bound at `ask`")
    bench.ask(SNAPSHOT, b"", client=bench.t.connect(zmq.DEALER, bench.asks, linger=0),
              said="after requests without an envelope nobody is answered")
    before = bench.snapshot()
    for frames in (b"one frame",), (b"three", b"of", b"them"), (b"",):
        bench.t.send(bench.push, *frames)
        bench.made += 1  # so that one that takes a number is told so, and not that there were fewer
    sent = bench.sends(b"after nonsense")
    place = len(bench.order)

    def told() -> bool:
        bench.listens()
        return sent in bench.news[place:]

    bench.t.wait(told, seconds=bench.long, expected="the update behind it",
                 said="point 5, refused: after a message that is no update no update is told")
    bench.score.count(5, bench.news[place:] == [sent] and bench.order[place:] == [before[0] + 1],
                      "what is no update has taken a number",
                      tried="messages of one frame and of three at `publish`, then an update",
                      seen=f"{short(bench.order[place:])}: {short(bench.news[place:])}",
                      expected=f"the update, as number {before[0] + 1}")


def wrong_replays_come(bench: Bench) -> None:
    for request in (REPLAY,), (REPLAY, pack(1)), (REPLAY, b"1", b"2"), (REPLAY, pack(1), b""), (REPLAY, *[pack(1)] * 3):
        bench.is_refused(*request)
    bench.replay(1, 1)


def replays_are_asked(bench: Bench) -> None:
    """All, a part, one, what is not there yet, nothing, more than there can be."""
    top = bench.highest
    for first, last in (1, top), (2, 4), (top, top), (top - 1, top + 5), (top + 1, top + 9), (0, 3), (1, LAST), *NONE:
        found = bench.replay(first, last)
        wanted = [each for each in range(max(1, first), min(top, last) + 1)]
        bench.score.count(4, [number for number, _ in found] == wanted, "a replay is not what was asked for",
                          tried=f"REPLAY {first} to {last}, when {top} was the newest",
                          seen=short([number for number, _ in found]), expected=short(wanted))


# --- faults


def freezes(bench: Bench) -> None:
    """SIGSTOP while updates arrive, and then SIGCONT."""
    bench.t.stage.freeze(bench.name)
    sent = [bench.sends(b"a/%d" % (each % 5)) for each in range(30)]
    bench.t.stage.thaw(bench.name)
    bench.score.fault = "frozen while 30 updates arrive, and thawed"
    bench.tells(sent, "what came while it was frozen")


def killed_in_a_burst(bench: Bench) -> None:
    """The system goes on, so that what was written is not lost."""
    _twenty_of_sixty(bench)
    bench.dies("killed when it had told 20 of 60 updates")


def loses_power_in_a_burst(bench: Bench) -> None:
    """What was not synced is lost."""
    _twenty_of_sixty(bench)
    bench.dies("the power failed when it had told 20 of 60 updates", power=True)


def _twenty_of_sixty(bench: Bench) -> None:
    place = len(bench.order)
    for each in range(60):
        bench.sends(b"a/%d" % (each % 5))

    def twenty() -> bool:
        bench.listens()
        return len(bench.order) >= place + 20

    bench.t.wait(twenty, seconds=bench.long, expected="60 updates on the feed",
                 said="an update is not told on the feed")


def killed_before_it_tells(bench: Bench) -> None:
    """The update is on the disk, and the call that has synced it has not come back."""
    _stands(bench, "synced")
    bench.dies("killed when an update was synced, and before it was told")


def loses_power_in_a_sync(bench: Bench) -> None:
    """While an update is being synced nobody hears of it: then the power fails, and it is gone."""
    _stands(bench, "sync")
    _a_moment(bench)
    bench.dies("the power failed while an update was being synced", power=True)


def killed_between_two_writes(bench: Bench) -> None:
    """Of one update, where it is written in pieces, or of two."""
    assert bench.disk is not None
    _stands(bench, "write")
    place = len(bench.order)
    second = bench.sends(b"a/3")
    bench.disk.let_through("write")
    _stands_again(bench, second, place)
    bench.dies("killed when it had written, and was about to write again")


def _stands_again(bench: Bench, second: Update, place: int) -> None:
    """It was let through, and has come to that place once more; or it has told the second update all the same."""

    def reached() -> bool:
        bench.listens()
        return (bench.disk is not None and bench.disk.stands) or second in bench.news[place:]

    bench.t.wait(reached, seconds=bench.long, expected="the next update on the disk",
                 said="it does not go on after a sync")


def _stands(bench: Bench, where: str) -> None:
    """One more update is on its way, and the server stands there; or it has told the update all the same."""
    assert bench.disk is not None
    bench.disk.stand(where)
    place = len(bench.order)
    sent = bench.sends(b"a/1")

    def reached() -> bool:
        bench.listens()
        return bench.disk.stands or sent in bench.news[place:]

    bench.t.wait(reached, seconds=bench.long, expected="a sync of the disk, and then the update on the feed",
                 said="an update is not told on the feed")


def _a_moment(bench: Bench) -> None:
    """What is on its way arrives."""
    end = bench.t.deadline(bench.moment)

    def over() -> bool:
        bench.listens()
        return end.over

    bench.t.wait(over, seconds=60, expected="a moment")


def asked_while_it_syncs(bench: Bench, request: bytes = SNAPSHOT) -> None:
    """A second update and some questions come while the first is synced. Whatever is answered is true after the power
    has failed in the second sync."""
    disk = bench.disk
    assert disk is not None
    _stands(bench, "sync")
    place = len(bench.order)
    second = bench.sends(b"a/2", b"given away")
    for _ in range(QUESTIONS):  # some are read before the second update, and some after it
        bench.t.send(bench.client, b"", request, *([b""] if request == SNAPSHOT else [pack(1), pack(LAST)]))
    _a_moment(bench)
    disk.let_through("sync")
    _stands_again(bench, second, place)
    _a_moment(bench)
    while bench.client.poll(0):
        _is_heard(bench, request, bench.client.recv_multipart()[1:])
    bench.dies(f"a {request.decode()} was answered between two syncs, and the power failed in the second", power=True)


def _is_heard(bench: Bench, request: bytes, frames: list[bytes]) -> None:
    bench.score.count(5, frames[:1] == [request], "a right request is refused", tried="a question while it syncs",
                      seen=short(frames), expected=f"{request.decode()} and so on, at once or after the sync")
    if request == SNAPSHOT and (found := snapshot_in(frames)):
        bench.highest = max(bench.highest, found[0])
        bench.snapshots.append((found[0], dict(found[1])))
    elif request == REPLAY and (len(frames) % 3 == 1):
        for at in range(1, len(frames), 3):
            number = int.from_bytes(frames[at + 1], "big")
            bench.means(number, Update(frames[at], frames[at + 2]), "in a replay")


def replayed_while_it_syncs(bench: Bench) -> None:
    asked_while_it_syncs(bench, REPLAY)


def many_wait_for_a_sync(bench: Bench) -> None:
    """A hundred updates wait while one is synced: they share."""
    disk = bench.disk
    assert disk is not None
    _stands(bench, "sync")
    place, before = len(bench.order), disk.syncs
    sent = [bench.sends(b"a/%d" % (each % 5)) for each in range(MANY)]
    _a_moment(bench)
    disk.release()

    def all_told() -> bool:
        bench.listens()
        return sent[-1] in bench.news[place:]

    bench.t.wait(all_told, seconds=bench.long, expected=f"{MANY} updates on the feed", said="an update is not told")
    syncs = disk.syncs - before
    bench.score.count(9, 0 < syncs <= MANY // SHARE, "updates that wait do not share a sync",
                      tried=f"{MANY} updates came while one was being synced", seen=f"{syncs} syncs",
                      expected="one for all that has come by then")


Act = Callable[[Bench], None]
NONSENSE: tuple[Act, ...] = (nonsense_comes, wrong_replays_come)
MEMORY: tuple[Act, ...] = (updates_come, snapshots_are_asked, envelopes_come, nonsense_comes)
KEPT: tuple[Act, ...] = (
    updates_come, replays_are_asked, killed_between_two_writes, killed_before_it_tells, killed_in_a_burst,
    loses_power_in_a_burst, loses_power_in_a_sync, asked_while_it_syncs, snapshots_are_asked, wrong_replays_come,
)
ALL: tuple[Act, ...] = (
    updates_come, snapshots_are_asked, replays_are_asked, envelopes_come, freezes, many_wait_for_a_sync,
    killed_before_it_tells, killed_in_a_burst, loses_power_in_a_sync, asked_while_it_syncs, replayed_while_it_syncs,
    nonsense_comes, wrong_replays_come,
)
FAULTS: tuple[Act, ...] = (
    updates_come, freezes, killed_between_two_writes, killed_before_it_tells, killed_in_a_burst,
    loses_power_in_a_burst, loses_power_in_a_sync, asked_while_it_syncs, replayed_while_it_syncs,
)
