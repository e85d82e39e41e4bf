"""Writes a described system as plain pyzmq: a function for each kind of role, and threads that run them."""

from __future__ import annotations

import keyword
import re
from collections.abc import Mapping

from .description import Role, Socket, System
from .fitting import PROXIES, hands_on

EVERY = 0.5  # seconds, where nothing is said
SECONDS = 10  # that the program runs when it is copied
TAKEN = {"count", "ctx", "cycle", "roles", "run", "suppress", "threading", "threads", "time", "zmq"}

_MARKS = {"PUSH": ("sndhwm",), "PUB": ("sndhwm",), "PULL": ("rcvhwm",), "SUB": ("rcvhwm",)}  # the others have both

_HEAD = """import threading
import time
from contextlib import suppress
{imports}
import zmq
"""
_MAIN = """
def run(role, ctx):
    with suppress(zmq.ContextTerminated):
        role(ctx)


if __name__ == "__main__":
    ctx = zmq.Context()
    ctx.linger = 0                        # at the end nothing is waited for
    roles = {roles}
    threads = [threading.Thread(target=run, args=(role, ctx)) for role in roles]
    for thread in threads:
        thread.start()
    time.sleep({seconds})
    ctx.term()                            # wakes whoever waits in a call
    for thread in threads:
        thread.join()
"""


def write(system: System, endpoints: Mapping[str, str], *, seconds: float = SECONDS) -> str:
    """The program as text. `endpoints`: where each line is, by its name."""
    constants = []
    for name, line in system.lines.items():
        constants.append(f'{constant(name)} = "{endpoints[name]}"')
        if line.weather:
            said = ", ".join(f"{word} {value:g}" for word, value in line.weather.items())
            constants.append(f"TO_{constant(name)} = {constant(name)}    # in the playground by way of a relay: {said}")
    functions = [_function(role, system) for role in system.roles]
    roles = " + ".join(
        f"[{function_name(role)}]" + (f" * {role.count}" if role.count > 1 else "") for role in system.roles
    )
    imports = "from itertools import count\n" if any("count(1)" in each for each in functions) else ""
    head = _HEAD.format(imports=imports) + "\n" + "\n".join(constants) + "\n"
    return "\n\n".join([head, *functions, _MAIN.format(roles=roles, seconds=f"{seconds:g}").lstrip("\n")])


def constant(line: str) -> str:
    """The name of a line's endpoint in the program."""
    return line.upper()


def function_name(role: Role) -> str:
    """The name of a role's function in the program."""
    name = re.sub(r"\W+", "_", role.name.lower())
    return f"{name}_role" if keyword.iskeyword(name) or name in TAKEN else name


def _function(role: Role, system: System) -> str:
    names = _names(role)
    opening = ", ".join(f"ctx.socket(zmq.{s.type}) as {n}" for s, n in zip(role.sockets, names, strict=True))
    lines = [
        line
        for socket, name in zip(role.sockets, names, strict=True)
        for line in _setting_up(role, socket, name, system)
    ]
    lines += _doing(role, names)
    return f"def {function_name(role)}(ctx):\n    with {opening}:\n" + "".join(f"        {line}\n" for line in lines)


def _names(role: Role) -> list[str]:
    if set(role.types) in PROXIES:
        return ["frontend" if type in ("ROUTER", "XSUB") else "backend" for type in role.types]
    return [type.lower() for type in role.types]


def _setting_up(role: Role, socket: Socket, name: str, system: System) -> list[str]:
    lines = []
    if role.mark:
        options = _MARKS.get(socket.type, ("sndhwm", "rcvhwm"))
        lines.append(" = ".join(f"{name}.{option}" for option in options) + f" = {role.mark}")
    if socket.type == "SUB":
        lines += [f'{name}.subscribe("{topic}")' for topic in role.topics or ("",)]
    where = constant(socket.line)
    if socket.binds:
        return [*lines, f"{name}.bind({where})"]
    return [*lines, f"{name}.connect({'TO_' if system.lines[socket.line].weather else ''}{where})"]


def _doing(role: Role, names: list[str]) -> list[str]:
    work = [f"    time.sleep({role.works:g})"] if role.works else []
    if len(role.sockets) == 2 and not hands_on(role):
        return [f"zmq.proxy({', '.join(sorted(names, reverse=True))})"]
    if hands_on(role):
        taker, giver = sorted(names, key=lambda name: name in ("push", "pub"))
        return ["while True:", f"    frames = {taker}.recv_multipart()", *work, f"    {giver}.send_multipart(frames)"]
    return _ALONE[role.types[0]](role, work)


def _own(role: Role, *lines: str) -> list[str]:
    pause = EVERY if role.every is None else role.every
    sleep = [f"    time.sleep({pause:g})"] if pause else []
    return ["for number in count(1):", *(f"    {line}" for line in lines), *sleep]


def _publishing(role: Role, work: list[str]) -> list[str]:
    if not role.topics:
        return _own(role, 'pub.send(b"%d" % number)')
    topics = ", ".join(f'b"{topic}"' for topic in role.topics)
    sending = _own(role, 'pub.send_multipart([topics[number % len(topics)], b"%d" % number])')
    return [f"topics = [{topics}]", *sending]


def _dealing(role: Role, work: list[str]) -> list[str]:
    if role.works is not None and role.every is None:
        return ["while True:", "    frames = dealer.recv_multipart()", *work, "    dealer.send_multipart(frames)"]
    answers = ["while dealer.poll(0):", "    dealer.recv_multipart()", *(line for line in work)]
    return _own(role, 'dealer.send_multipart([b"", b"%d" % number])', *answers)


def _pairing(role: Role, work: list[str]) -> list[str]:
    if role.every is not None:
        return _own(role, 'pair.send(b"%d" % number)')
    return ["while True:", "    pair.recv()", *work]


def _answering(role: Role, work: list[str]) -> list[str]:
    return ["while True:", "    question = rep.recv()", *work, '    rep.send(b"answer to " + question)']


def _routing(role: Role, work: list[str]) -> list[str]:
    return ["while True:", "    frames = router.recv_multipart()", *work, "    router.send_multipart(frames)"]


_ALONE = {
    "PUSH": lambda role, work: _own(role, 'push.send(b"%d" % number)'),
    "PULL": lambda role, work: ["while True:", "    pull.recv_multipart()", *work],
    "PUB": _publishing,
    "SUB": lambda role, work: ["while True:", "    sub.recv_multipart()", *work],
    "REQ": lambda role, work: _own(role, 'req.send(b"%d" % number)', "req.recv()"),
    "REP": _answering,
    "ROUTER": _routing,
    "DEALER": _dealing,
    "PAIR": _pairing,
}
