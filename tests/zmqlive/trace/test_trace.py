"""A trace is plain data: what it answers, and that saving loses no byte."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import zmq
from traffic import traffic
from zmqlive.trace import Connection, Count, Interval, Ledger, Mark, Message, RoleEvent, SocketInfo, Trace

ALL_BYTES = bytes(range(256))


def message(id: int, sent: float, received: float | None, payload: bytes = b"", *, source: int = 0,
            target: int | None = 1, parent: int | None = None, fate: str = "", connection: int | None = 0) -> Message:
    fate = fate or ("received" if received is not None else "waiting")
    return Message(id, source, target, connection, sent, received, None, (payload or b"%d" % id,), 1, parent, fate)


def example(**more: object) -> Trace:
    sockets = (SocketInfo(0, "PUSH", "producer", binds=("inproc://a",), sndhwm=3, sent=4),
               SocketInfo(1, "PULL", "worker 1", opened=0.1, closed=0.9, connects=("inproc://a",), received=2),
               SocketInfo(2, "SUB", "worker 2", subscriptions=(b"", ALL_BYTES)))
    messages = (message(1, 0.1, 0.2), message(2, 0.15, 0.5), message(3, 0.3, None), message(4, 0.4, None, fate="lost"))
    fields: dict[str, object] = {
        "title": "Ein Titel „ü“", "seconds": 1.0, "sockets": sockets, "messages": messages,
        "connections": (Connection(0, 0, 1, "inproc", "inproc://a", 0.1, None, 1003, "wan"),)}
    return Trace(**fields | more)  # type: ignore[arg-type]


def test_depth_is_a_step_function_of_what_waits() -> None:
    times, depths = example().depth()
    assert (times, depths) == ([0.0, 0.1, 0.15, 0.2, 0.3, 0.5], [0, 1, 2, 1, 2, 1])
    assert example().depth(0) == (times, depths)
    assert example().depth(7) == ([0.0], [0])


def test_waiting_at_a_time() -> None:
    trace = example()
    assert [trace.waiting_at(t) for t in (-1, 0, 0.1, 0.17, 0.25, 0.49, 0.5, 9)] == [0, 0, 1, 2, 1, 2, 1, 1]


def test_depth_of_a_record_that_counted() -> None:
    counts = tuple(Count(t, s, sent, received) for t, s, sent, received in
                   [(0.1, 0, 100, 0), (0.1, 1, 0, 40), (0.2, 0, 200, 0), (0.2, 1, 0, 200)])
    times, depths = example(messages=(), counts=counts).depth(0)
    assert times == [0.0, 0.1, 0.1, 0.2, 0.2] and depths[2] == 60 and depths[-1] == 0


def test_rates_are_messages_a_second() -> None:
    times, rates = example().rates(window=0.25)
    assert (times, rates) == ([0.0, 0.25, 0.5, 0.75], [4.0, 0.0, 4.0, 0.0])
    assert example().rates(0)[1] == [0.0] * 4
    assert sum(example().rates(1, window=0.1)[1]) * 0.1 == pytest.approx(2)


def test_the_ledger_of_what_became_of_each() -> None:
    assert example().ledger() == Ledger(4, 2, 1, 0, 1)
    assert str(Ledger(4, 2, 1, 0, 1)) == "sent 4 · received 2 · lost 1 · twice 0 · waiting 1"
    assert example().ledger("producer", "worker") == Ledger(4, 2, 1, 0, 1)
    assert example().ledger("producer", "worker 2").received == 0
    assert example().ledger("nobody").sent == 0


def test_the_ledger_counts_what_came_twice() -> None:
    again = (*example().messages, message(5, 0.6, 0.7, b"1"))
    assert example(messages=again).ledger().twice == 0      # it was sent twice as well
    assert example(messages=again).ledger(key=lambda m: m.frames[-1]) == Ledger(4, 2, 1, 1, 1)
    resent = (*example().messages, message(5, 0.6, 0.7, b"3 again"))
    assert example(messages=resent).ledger(key=lambda m: m.frames[-1][:1]) == Ledger(4, 3, 1, 0, 0)


def test_a_way_is_all_hops_in_their_order() -> None:
    hops = (message(1, 0.1, 0.2), message(2, 0.3, 0.4, parent=1), message(3, 0.5, 0.6, parent=2))
    assert [m.id for m in example(messages=hops).way(3)] == [1, 2, 3]
    assert [m.id for m in example(messages=hops[1:]).way(3)] == [2, 3]      # the first is not in the record any more
    with pytest.raises(KeyError):
        example().way(99)


def test_saving_and_loading_loses_nothing(tmp_path: Path) -> None:
    messages = tuple(message(i, i / 7, None, bytes([i]) * (1 + i % 3)) for i in range(256))
    trace = example(
        messages=(*messages,
                  Message(999, 0, None, None, 0.1, None, None, (ALL_BYTES[:64], b"", ALL_BYTES[192:]), 10**12)),
        exact=False, note="…", blocked=(Interval(0, 0.1, 0.2), Interval(0, 0.3, None)), waits=(Interval(1, 0.0, 0.1),),
        roles=(RoleEvent("worker 1", 0.5, "failed", "it’s ✂"),), marks=(Mark(0.4, "cut", "wan"),),
        counts=(Count(0.1, 0, 5, 0),))
    trace.save(tmp_path / "trace.json")
    assert Trace.load(tmp_path / "trace.json") == trace
    assert Trace.from_json(json.loads(json.dumps(trace.to_json()))) == trace


def test_a_recorded_trace_survives_saving(tmp_path: Path) -> None:
    with traffic() as t:
        pull = t.socket(zmq.PULL, bind="inproc://x")
        push = t.socket(zmq.PUSH, connect="inproc://x")
        for payload in (ALL_BYTES, b"", b"\xff" * 64, "ü".encode()):
            push.send_multipart([payload, payload])
            assert pull.recv_multipart() == [payload, payload]
        trace = t.recorder.trace()
    trace.save(tmp_path / "t.json")
    again = Trace.load(tmp_path / "t.json")
    assert again == trace
    assert again.messages[0].frames[0] == ALL_BYTES[:32] + ALL_BYTES[-33:]


@pytest.mark.parametrize("text", ["[]", "{}", '{"format": 99}', '{"format": "1"}', "3"])
def test_another_format_is_refused_in_one_sentence(tmp_path: Path, text: str) -> None:
    (tmp_path / "t.json").write_text(text)
    with pytest.raises(ValueError, match="not a trace of format") as error:
        Trace.load(tmp_path / "t.json")
    assert "\n" not in str(error.value)


def test_what_is_no_json_at_all_is_a_value_error(tmp_path: Path) -> None:
    (tmp_path / "t.json").write_bytes(b"\x89PNG\r\n\xff")
    with pytest.raises(ValueError):
        Trace.load(tmp_path / "t.json")


def test_it_is_frozen() -> None:
    with pytest.raises(AttributeError):
        example().title = "other"  # type: ignore[misc]
    with pytest.raises(KeyError):
        example().socket(99)
    assert (example().role_of(1), example().role_of(None), example().role_of(99)) == ("worker 1", "", "")


def test_the_replay_of_a_recorded_trace_is_plain_json() -> None:
    with traffic() as t:
        pull = t.socket(zmq.PULL, bind="inproc://x")
        push = t.socket(zmq.PUSH, connect="inproc://x")
        for n in range(20):
            push.send(b"%d" % n)
            pull.recv()
        replay = t.recorder.trace().replay()
    assert json.loads(json.dumps(replay)) == replay or replay["topo"]
    assert replay["v"] == 1 and replay["dur"] > 0
    kinds = [e[1] for e in replay["ev"]]
    assert kinds.count("s") == kinds.count("r") == 20
    assert [e[0] for e in replay["ev"]] == sorted(e[0] for e in replay["ev"])
