"""What a connection really is, told by its socket's monitor, and whose sockets are nobody's business."""

from __future__ import annotations

import contextlib
import gc
import threading
from typing import Any

import pytest
import zmq
import zmqlive
from machine import PATIENCE
from test_truth import Lab, at, lab  # noqa: F401
from traffic import eventually
from zmq.auth.thread import ThreadAuthenticator
from zmq.utils.monitor import recv_monitor_message
from zmqlive import Ledger, Stage
from zmqlive.net import Link
from zmqlive.recorder import Recorder

pytestmark = pytest.mark.filterwarnings("ignore:[Uu]nclosed:ResourceWarning")


def states(lab: Lab, socket: Any) -> list[str]:  # noqa: F811
    info = lab.trace.sockets[socket._log.id]
    return [state for _, _, state in info.links]


@pytest.mark.parametrize("transport", ["tcp", "ipc"])
def test_up_gone_and_up_again(lab: Lab, transport: str, tmp_path: Any) -> None:  # noqa: F811
    if transport == "ipc" and not zmq.has("ipc"):
        pytest.skip("no ipc here")
    pull = lab.socket(zmq.PULL, bind="tcp://127.0.0.1:*" if transport == "tcp" else f"ipc://{tmp_path}/s")
    where = at(pull)
    push = lab.socket(zmq.PUSH, connect=where.replace("127.0.0.1", "localhost"))
    eventually(lambda: states(lab, push) == ["connecting", "up"])
    [connection] = lab.trace.connections
    assert connection.state == "up" and [state for _, state in connection.states] == ["connecting", "up"]
    assert connection.opened <= connection.states[0][0] <= connection.states[1][0]
    pull.close()
    eventually(lambda: states(lab, push)[-1] == "gone")
    assert lab.trace.connections[0].state == "gone"
    again = lab.socket(zmq.PULL)
    eventually(lambda: bound(again, where))
    eventually(lambda: states(lab, push)[-1] == "up")
    assert [c.state for c in lab.trace.connections] == ["up", "up"]


def bound(socket: Any, where: str) -> bool:
    try:
        socket.bind(where)
    except zmq.ZMQError:
        return False
    return True


def test_a_port_where_nobody_is_and_one_that_somebody_binds_later(lab: Lab) -> None:  # noqa: F811
    pull = lab.socket(zmq.PULL, bind="tcp://127.0.0.1:*")
    where = at(pull)
    pull.unbind(where)
    push = lab.socket(zmq.PUSH)
    push.connect(where)
    eventually(lambda: states(lab, push) == ["connecting", "retrying"])
    assert not lab.trace.connections
    push.send(b"x")
    assert lab.ledger == Ledger(1, 0, 0, 0, 1)
    eventually(lambda: bound(pull, where))
    assert pull.recv() == b"x"
    eventually(lambda: states(lab, push)[-1] == "up")
    assert lab.trace.connections[0].state == "up" and lab.ledger == Ledger(1, 1, 0, 0, 0)


@pytest.mark.skipif(not zmq.has("curve"), reason="built without CURVE")
def test_a_refused_client_is_not_connected_and_what_it_asks_waits(lab: Lab) -> None:  # noqa: F811
    public, secret = zmq.curve_keypair()
    wrong, _ = zmq.curve_keypair()
    mine, my_secret = zmq.curve_keypair()
    rep = lab.socket(zmq.REP, curve_secretkey=secret, curve_server=True, bind="tcp://127.0.0.1:*")
    req = lab.socket(zmq.REQ, curve_serverkey=wrong, curve_publickey=mine, curve_secretkey=my_secret, connect=at(rep))
    req.send(b"hello")
    eventually(lambda: lab.trace.connections[0].state == "refused")
    assert not rep.poll(100)
    assert lab.ledger == Ledger(1, 0, 0, 0, 1)
    feed = lab.trace.feed()
    [edge] = feed.poll()["topo"]["edges"]
    assert (edge["state"], edge["up"]) == ("refused", False)
    good = lab.socket(zmq.REQ, curve_serverkey=public, curve_publickey=mine, curve_secretkey=my_secret, connect=at(rep))
    good.send(b"hello")
    assert rep.recv() == b"hello"
    rep.send(b"world")
    assert good.recv() == b"world"
    assert [c.state for c in lab.trace.connections] == ["refused", "up"]
    assert lab.trace.replay()["topo"]["edges"][0]["state"] == "refused"


def test_the_programs_own_monitor_has_the_socket_to_itself(lab: Lab) -> None:  # noqa: F811
    _, pull = lab.pair()
    monitor = pull.get_monitor_socket()
    other = lab.socket(zmq.PUSH, connect=at(pull))
    events = []
    while zmq.EVENT_HANDSHAKE_SUCCEEDED not in events:
        assert monitor.poll(10_000)
        events.append(recv_monitor_message(monitor)["event"])
    assert zmq.EVENT_ACCEPTED in events
    other.send(b"x")
    assert pull.recv() == b"x"
    pull.disable_monitor()
    monitor.close()
    assert [s.type for s in lab.trace.sockets] == ["PULL", "PUSH", "PUSH"]      # and no PAIR
    assert lab.ledger == Ledger(1, 1, 0, 0, 0)


def test_pyzmqs_own_sockets_are_not_the_programs(lab: Lab) -> None:  # noqa: F811
    """ZAP's and its pipes, and the collector's of frames that are sent without a copy."""
    auth = ThreadAuthenticator(lab.ctx)
    auth.start()
    auth.configure_plain(domain="*", passwords={"ann": "secret"})
    push = lab.socket(zmq.PUSH, plain_server=True, bind="tcp://127.0.0.1:*")
    pull = lab.socket(zmq.PULL, plain_username=b"ann", plain_password=b"secret", connect=at(push))
    push.send(b"x" * 100_000, copy=False)
    assert len(pull.recv()) == 100_000
    gc.collect()
    auth.stop()
    assert [s.type for s in lab.trace.sockets] == ["PUSH", "PULL"]
    assert lab.ledger == Ledger(1, 1, 0, 0, 0)


def guarded(ctx: Any, endpoint: str, stays: bool) -> None:
    auth = ThreadAuthenticator(ctx)
    auth.start()
    auth.configure_plain(domain="*", passwords={"ann": "secret"})
    with ctx.socket(zmq.PUSH) as push:
        push.plain_server = True
        push.bind(endpoint)
        for n in range(5):
            push.send(b"%d" % n)
        if stays:
            push.poll(60_000, zmq.POLLIN)
    auth.stop()


def guest(ctx: Any, endpoint: str) -> None:
    with ctx.socket(zmq.PULL) as pull:
        pull.plain_username, pull.plain_password = b"ann", b"secret"
        pull.connect(endpoint)
        for _ in range(5):
            pull.recv()


@pytest.mark.parametrize("process", [False, True])
@pytest.mark.parametrize("stays", [False, True])
def test_an_authenticator_works_in_a_role(process: bool, stays: bool) -> None:
    with Stage("PLAIN") as stage:
        endpoint = stage.endpoint("tcp")
        stage.add(guest, endpoint)
        stage.add(guarded, endpoint, stays, process=process)
        stage.wait(lambda s: s.received("guest") == 5, timeout=PATIENCE)
    assert stage.leftovers == [] and {role.state for role in stage.roles} <= {"ended", "stopped"}
    assert stage.trace().ledger() == Ledger(5, 5, 0, 0, 0)
    assert {s.type for s in stage.trace().sockets} == {"PUSH", "PULL"}


def porter(ctx: Any) -> None:
    """A ZAP handler by hand (RFC 27): who asks is inside libzmq."""
    with ctx.socket(zmq.REP) as zap:
        zap.bind("inproc://zeromq.zap.01")
        while True:
            version, request, *_ = zap.recv_multipart()
            zap.send_multipart([version, request, b"200", b"", b"ann", b""])


def plain(ctx: Any, endpoint: str) -> None:
    with ctx.socket(zmq.PUSH) as push:
        push.plain_server = True
        push.bind(endpoint)
        for n in range(5):
            push.send(b"%d" % n)
        push.poll(60_000, zmq.POLLIN)


def test_what_a_zap_handler_answers_goes_to_libzmq_and_is_not_lost() -> None:
    with Stage("ZAP by hand") as stage:
        endpoint = stage.endpoint("tcp")
        stage.add(porter)
        stage.add(plain, endpoint)
        stage.add(guest, endpoint)
        stage.wait(lambda s: s.received("guest") == 5, timeout=PATIENCE)
    trace = stage.trace()
    assert trace.ledger("plain", "guest") == Ledger(5, 5, 0, 0, 0)
    [answer] = [m for m in trace.messages if trace.role_of(m.source) == "porter"]
    [request] = [m for m in trace.messages if trace.role_of(m.target) == "porter"]
    assert (answer.fate, request.source, request.why) == ("outside", None, "outside")
    assert trace.ledger().lost == 0


def test_a_stages_connections_tell_too_also_from_another_process() -> None:
    with Stage("states") as stage:
        endpoint = stage.endpoint("tcp")
        stage.add(pulls, endpoint)
        stage.add(pushes, endpoint, process=True)
        stage.wait(lambda s: s.received() >= 10, timeout=PATIENCE)
        stage.wait(lambda s: [c.state for c in s.trace().connections] == ["up"])
        stage.kill("pushes")
        stage.wait(lambda s: s.trace().connections[0].closed is not None)


def pulls(ctx: Any, endpoint: str) -> None:
    with ctx.socket(zmq.PULL) as pull:
        pull.bind(endpoint)
        while True:
            pull.recv()


def pushes(ctx: Any, endpoint: str) -> None:
    with ctx.socket(zmq.PUSH) as push:
        push.connect(endpoint)
        while True:
            push.send(b"x")
            push.poll(1, zmq.POLLIN)


def test_a_context_ends_at_once_with_watched_sockets_in_other_threads() -> None:
    with zmqlive.record():
        ctx = zmq.Context()
        began = threading.Barrier(4)

        def waits() -> None:
            with ctx.socket(zmq.PULL) as pull:
                pull.bind("tcp://127.0.0.1:*")
                began.wait(PATIENCE)
                with pytest.raises(zmq.ContextTerminated):
                    pull.recv()

        threads = [threading.Thread(target=waits) for _ in range(3)]
        for thread in threads:
            thread.start()
        began.wait(PATIENCE)
        ender = threading.Thread(target=ctx.term, daemon=True)
        ender.start()
        ender.join(10)
        assert not ender.is_alive()
        for thread in threads:
            thread.join(10)


# --- gevent -------------------------------------------------------------------------------------------------


def test_green_sockets_are_recorded_and_do_not_hang(lab: Lab) -> None:  # noqa: F811
    gevent = pytest.importorskip("gevent")
    import zmq.green

    ctx = zmq.green.Context()
    got: list[bytes] = []

    def server() -> None:
        with ctx.socket(zmq.REP) as rep:
            rep.bind("inproc://green")
            for _ in range(5):
                rep.send(b"re " + rep.recv())

    def client() -> None:
        with ctx.socket(zmq.REQ) as req:
            req.connect("inproc://green")
            for n in range(5):
                req.send_multipart([b"%d" % n])
                got.extend(req.recv_multipart())

    gevent.joinall([gevent.spawn(server), gevent.spawn(client)], timeout=PATIENCE, raise_error=True)
    ctx.term()
    assert got == [b"re %d" % n for n in range(5)]
    assert lab.ledger == Ledger(10, 10, 0, 0, 0)


@pytest.mark.skipif(not zmq.has("curve"), reason="this libzmq has no CURVE")
@pytest.mark.parametrize("recorded", [False, True])
def test_a_recorded_curve_server_hears_on_after_a_turned_bit(recorded: bool) -> None:
    """As a plain one does: the connection is closed, and made again."""
    (public, secret), mine = zmq.curve_keypair(), zmq.curve_keypair()
    with contextlib.closing(Recorder()) as recorder, recorder.context() if recorded else zmq.Context() as ctx, \
            zmq.Context() as there, ctx.socket(zmq.PULL) as pull, there.socket(zmq.PUSH) as push:
        pull.curve_server, pull.curve_secretkey, push.linger = True, secret, 0
        pull.bind("tcp://127.0.0.1:*")
        push.curve_serverkey, push.curve_publickey, push.curve_secretkey = public, *mine
        with Link(pull.last_endpoint.decode()) as link:
            push.connect(link.endpoint)
            push.send(b"0")
            assert pull.poll(1000 * PATIENCE)
            link.flip()
            seen = [int(pull.recv())]
            for number in range(1, 200):
                push.send(b"%d" % number)
                seen += [int(pull.recv())] if pull.poll(50) else []
                if seen[-1] >= len(seen):
                    return      # one is missing, and a later one has come
    pytest.fail(f"nothing came after {seen[-1]}")
