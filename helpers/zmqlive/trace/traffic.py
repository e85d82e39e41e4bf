"""The diagnosis, second part: messages that went out and did not arrive as they were meant to."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from .case import Case, Diagnosis, count, some
from .sent import EARLY, MISFIT, NO_ROOM, NOBODY

LONG = 1.0          # seconds that something lasts which should not
MANY = 1_000        # messages in front of one reader
SILENT = 2.0        # seconds without an answer
UNCOPIED = 65_536   # bytes from which on pyzmq heeds copy=False (zmq.COPY_THRESHOLD)
SLOW = 5.0          # seconds that one piece of work may take of which nothing is known


def no_delimiter(case: Case) -> Iterator[Diagnosis]:
    """A DEALER that asks a REP, or a ROUTER that answers a REQ, without the empty frame. (Where old messages were
    forgotten, what a reply belongs to is not known.)"""
    if not case.trace.exact:
        return
    for id, sent in case.sent_by.items():
        socket = case.trace.socket(id)
        bare = [m for m in sent if m.why == MISFIT and b"" not in _wire(m)]
        for type, lesson, asks in (("REP", "dealer", "asks"), ("REQ", "req", "answers")):
            peers = [other for _, other in case.edges[id] if other.type == type]
            these = [m for m in bare if (case.peer(m) or next(iter(peers), socket)).type == type]
            if peers and these and socket.type in ("DEALER", "ROUTER"):
                yield case.say("no empty frame", lesson, [socket, peers[0]],
                               f"{case.called(socket)} {asks} {case.called(peers[0])} without the empty frame that a "
                               f"{type} wants before the content, and throws it away. Send [b\"\", content].",
                               f"{count(len(these), 'message')} thrown away, e.g. {list(_wire(these[0]))}.")


def _wire(m: Any) -> tuple[bytes, ...]:
    return m.as_sent or m.frames


def too_early(case: Case) -> Iterator[Diagnosis]:
    """The very first was published before the subscription had come to the PUB, although the subscriber had asked
    before that; or it goes on waiting, and all is published. (Whoever comes late to what goes on misses nothing.)"""
    for id, sent in case.sent_by.items():
        socket, early = case.trace.socket(id), [m for m in sent if m.why == EARLY]
        if socket.type != "PUB" or not early:
            continue
        over = socket.closed is not None or case.end - sent[-1].sent > LONG
        for c, reader in case.edges[id]:
            asked = [(t, text.encode("latin-1")) for t, text in case.facts(reader, "SUBSCRIBE")]
            waits = not reader.received and case.waits_now(reader) is not None
            missed = [m for m in early if any(m.frames[0].startswith(topic) for _, topic in asked)]
            first = missed[:1] == sent[:1] and max(c.opened, min(t for t, _ in asked)) < sent[0].sent
            if missed and (first or (over and waits)):
                yield case.say("published too early", "early", [socket, reader],
                               f"{case.called(socket)} published before the subscription of {case.called(reader)} had "
                               "come to it: a PUB throws away what nobody wants yet. Let the subscriber say that it is "
                               "there, or let it ask for what it has missed.",
                               f"{count(len(missed), 'message')}, from {missed[0].sent:.3f} s to "
                               f"{missed[-1].sent:.3f} s: {some(m.frames[-1] for m in missed)}.")
                break


def no_topic_matches(case: Case) -> Iterator[Diagnosis]:
    """A SUB that subscribed, and nothing that was published begins so."""
    for socket in case.sockets:
        topics = [(t, text.encode("latin-1")) for t, text in case.facts(socket, "SUBSCRIBE")]
        if socket.type not in ("SUB", "XSUB") or socket.received or not topics:
            continue
        for c, other in case.edges[socket.id]:
            since = max(c.opened, topics[0][0])
            heard = [m.frames[0] for m in case.sent_by[other.id] if m.sent > since]
            if heard and not any(frame.startswith(topic) for frame in heard for _, topic in topics):
                yield case.say("no topic matches", "topics", [socket, other],
                               f"{case.called(socket)} has subscribed to {some(topic for _, topic in topics)}, and "
                               f"nothing that {case.called(other)} publishes begins so: a topic is compared byte by "
                               "byte with the beginning of the first frame.",
                               f"{count(len(heard), 'message')} published since: {some(heard)}.")
                break


def unknown_id(case: Case) -> Iterator[Diagnosis]:
    """A ROUTER that sends to a routing id which no peer has."""
    for id, sent in case.sent_by.items():
        socket = case.trace.socket(id)
        lost = [m for m in sent if m.fate == "dropped" and m.why == NOBODY]
        if socket.type == "ROUTER" and lost:
            known = {m.frames[0] for m in case.got_by[id]}
            gone = any(m.frames[0] in known for m in lost)
            yield case.say("unknown routing id", "unknown id", [socket],
                           f"{case.called(socket)} sends to routing ids that nobody has"
                           + (" any more: its peer had left" if gone else ": the first frame must be the id of a peer "
                              "that has connected") + ". A ROUTER throws that away in silence; with ROUTER_MANDATORY "
                           "it says so.",
                           f"{count(len(lost), 'message')} to {some(m.frames[0] for m in lost)}"
                           + (f"; known are {some(known)}." if known and not gone else "."))


def no_room(case: Case) -> Iterator[Diagnosis]:
    """A reader too slow for its publisher, which drops."""
    dropped: dict[tuple[int, int | None], list[Any]] = defaultdict(list)
    for m in case.trace.messages:
        if m.why == NO_ROOM and m.source is not None:
            dropped[m.source, m.connection].append(m)
    for (source, _), lost in dropped.items():
        socket, reader = case.trace.socket(source), case.peer(lost[0])
        who = case.called(reader) if reader else "its reader"
        yield case.say("slow reader", "one slow", filter(None, [socket, reader]),
                       f"{who} reads more slowly than {case.called(socket)} sends; its queue was full (SNDHWM "
                       f"{socket.sndhwm}" + (f", RCVHWM {reader.rcvhwm}" if reader else "") + "), and the newest were "
                       "dropped.",
                       f"{count(len(lost), 'message')}, from {lost[0].sent:.2f} s to {lost[-1].sent:.2f} s.")


def piles_up(case: Case) -> Iterator[Diagnosis]:
    """A reader that has stopped reading while its queue is long or full, and a queue without a limit. (A sender that
    waits for a reader who is at work is what high-water marks are for.)"""
    waiting: dict[int, list[Any]] = defaultdict(list)
    for m in case.trace.messages:
        if m.fate == "waiting" and m.connection is not None:
            waiting[m.connection].append(m)
    told = set()
    for queue in waiting.values():
        reader, socket = case.peer(queue[0]), case.trace.socket(queue[0].source)
        stuck = case.end - case.blocked_now.get(socket.id, case.end) > LONG
        if reader is None or case.end - queue[0].sent < LONG or not (stuck or len(queue) >= MANY):
            continue
        idle, patience = _idle(case, reader)
        endless = len(queue) >= MANY and not (socket.sndhwm and reader.rcvhwm)
        if idle > patience or endless:
            told.add(socket.id)
            yield case.say("queue fills", "slow", [socket, reader],
                           (f"{case.called(reader)} has read nothing for {idle:.1f} s, while the queue in front of it "
                            "is long" if idle > patience else
                            f"{case.called(reader)} reads more slowly than {case.called(socket)} sends, and a "
                            "high-water mark of 0 sets no limit: memory grows")
                           + (f"; {case.called(socket)} waits in send." if stuck else "."),
                           f"{count(len(queue), 'message')} wait between them; the oldest for "
                           f"{case.end - queue[0].sent:.1f} s.")
    for id, since in case.blocked_now.items():
        socket = case.trace.socket(id)
        if case.end - since > LONG and id not in told and not case.edges[id]:
            yield case.say("send waits for a peer", "hang", [socket],
                           f"{case.called(socket)} waits in send: no peer is there to send to.",
                           f"Since {since:.2f} s; it has " + _addresses(socket))


def _idle(case: Case, reader: Any) -> tuple[float, float]:
    """Seconds since it last read, and how many of them are unusual for it."""
    times = [m.received for m in case.got_by[reader.id]]
    longest = max((b - a for a, b in pairwise(times)), default=0.0)
    return case.end - (times[-1] if times else reader.opened), max(LONG, 5 * longest) if len(times) > 2 else SLOW


def _addresses(socket: Any) -> str:
    parts = [f"bound {', '.join(socket.binds)}"] if socket.binds else []
    parts += [f"connected to {', '.join(socket.connects)}"] if socket.connects else []
    return (" and ".join(parts) or "neither bound nor connected") + "."


def unanswered(case: Case) -> Iterator[Diagnosis]:
    """A REQ that waits for an answer much longer than for any before."""
    for socket in case.sockets:
        sent = case.sent_by[socket.id]
        waits, last = case.waits[socket.id], case.waits_now(socket)
        if socket.type != "REQ" or not sent or last is None or case.end - last.start < SILENT or not case.trace.exact:
            continue
        if case.end - last.start < 5 * max((i.end - i.start for i in waits if i.end is not None), default=0.0):
            continue
        m = sent[-1]
        reader = case.trace.socket(m.target) if m.target is not None else None
        if m.fate in ("outside", "unknown") or (m.fate == "waiting" and m.connection is None):
            continue            # nobody is there: that is said already, or nobody knows
        if m.fate == "received" and reader.type != "REP":
            continue            # a ROUTER answers when it likes: a worker that says READY waits for work
        became = {"received": f"{reader.role} received it at {m.received:.2f} s and has not answered" if reader else "",
                  "waiting": "it waits to be read", "lost": "it is lost: its reader has gone"}.get(
                      m.fate, "it was thrown away")
        answers = [a for a in (case.sent_by[reader.id] if reader else ()) if a.sent > (m.received or 0)]
        if any(a.why == MISFIT for a in answers):
            continue            # there is an answer, without the empty frame
        yield case.say("no answer", "answer", filter(None, [socket, reader]),
                       f"{case.called(socket)} waits for an answer to {some(m.frames[-1:])}, longer than for any "
                       "before; without RCVTIMEO or poll it waits for ever.",
                       f"Asked at {m.sent:.2f} s; {became}.")


def died(case: Case) -> Iterator[Diagnosis]:
    """What was on its way to a role that was killed, or failed."""
    dead = {event.role for event in case.trace.roles if event.state in ("killed", "failed")}
    gone: dict[tuple[int, str], list[Any]] = defaultdict(list)
    for m in case.trace.messages:
        if m.fate == "lost" and m.source is not None:
            peers = [case.peer(m)] if case.peer(m) else [other for _, other in case.edges[m.source]]
            for reader in [peer for peer in peers if peer.role in dead - {case.trace.role_of(m.source)}][:1]:
                gone[m.source, reader.role].append(m)
    for (source, reader), lost in gone.items():
        socket = case.trace.socket(source)
        yield case.say("gone with a peer", "died", [socket],
                       f"Messages of {case.called(socket)} were lost with {reader}, which died: they were in queues on "
                       "the way to it. Who must not lose them keeps a copy until they are acknowledged.",
                       f"{count(len(lost), 'message')}: {some(m.frames[-1] for m in lost)}.")


def changed(case: Case) -> Iterator[Diagnosis]:
    """What came over a connection is not what was sent on it, though of the same length: a buffer that pyzmq did not
    copy, as it does not from some length on when it is told so, and that was written to before it had gone."""
    if not case.trace.exact:
        return
    strange = [m for m in case.trace.messages if m.source is None and m.size >= UNCOPIED]
    for reader in (case.trace.socket(id) for id in dict.fromkeys(m.target for m in strange)):
        others = [other for _, other in case.edges[reader.id]]
        if len(others) != 1 or len(case.edges[others[0].id]) != 1 or others[0].threads or reader.threads:
            continue
        came = [m for m in strange if m.target == reader.id]
        missing = [m for m in case.sent_by[others[0].id] if m.received is None]
        pairs = [(m, n) for m, n in zip(missing, came, strict=False)
                 if m.size == n.size and len(m.frames) == len(n.frames) and m.sent <= n.received]
        if len(pairs) == len(came):
            yield case.say("changed after send", "buffer", [others[0], reader],
                           f"{case.called(reader)} received other content than {case.called(others[0])} sent: with "
                           "copy=False a message is the program's own buffer, which must not be written to until it "
                           "has gone. Make a new one for each message, or wait for the tracker (track=True).",
                           f"{count(len(pairs), 'message')}, e.g. {pairs[0][0].frames[-1][:12]!r}… became "
                           f"{pairs[0][1].frames[-1][:12]!r}….")


RULES = (no_delimiter, too_early, no_topic_matches, unknown_id, no_room, piles_up, unanswered, died, changed)
