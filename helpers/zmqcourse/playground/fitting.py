"""Whether the parts of a description fit together: who may talk to whom, who binds, what a role can do."""

from __future__ import annotations

from collections import Counter

from .description import MOST, Mistake, Role, System

#: Which types of socket talk to which.
PEERS = {
    "REQ": {"REP", "ROUTER"},
    "REP": {"REQ", "DEALER"},
    "DEALER": {"REP", "ROUTER", "DEALER"},
    "ROUTER": {"REQ", "DEALER"},
    "PUB": {"SUB", "XSUB"},
    "SUB": {"PUB", "XPUB"},
    "XPUB": {"SUB", "XSUB"},
    "XSUB": {"PUB", "XPUB"},
    "PUSH": {"PULL"},
    "PULL": {"PUSH"},
    "PAIR": {"PAIR"},
}
ALONE = set(PEERS) - {"XPUB", "XSUB"}
PROXIES = ({"ROUTER", "DEALER"}, {"XSUB", "XPUB"})
TAKERS, GIVERS = {"PULL", "SUB"}, {"PUSH", "PUB"}
SENDS, WORKS = {"PUSH", "PUB", "REQ", "DEALER", "PAIR"}, {"PULL", "SUB", "REP", "ROUTER", "DEALER", "PAIR"}


def check(system: System) -> System:
    """The system as it is. Raises `Mistake` with the first thing that does not fit."""
    if not system.roles:
        raise Mistake("There is no role yet: begin with `producer: PUSH connects jobs` and `worker: PULL binds jobs`.")
    twice = [name for name, times in Counter(role.name for role in system.roles).items() if times > 1]
    if twice:
        raise Mistake(f"There are two roles named {twice[0]}: for more of the same, write `{twice[0]} x 2`.")
    many = sum(role.count for role in system.roles)
    if many > MOST:
        raise Mistake(f"That makes {many} roles; {MOST} are the most that fit a picture.")
    for role in system.roles:
        _role(role)
    for name in system.lines:
        _line(system, name)
    return system


def hands_on(role: Role) -> bool:
    """Whether it takes from one socket and gives to the other."""
    return len(role.sockets) == 2 and bool({*role.types} & TAKERS) and bool({*role.types} & GIVERS)


def _role(role: Role) -> None:
    types, at = set(role.types), f"Line {role.at}: "
    if len(role.sockets) > 2:
        raise Mistake(
            f"{at}{role.name} has {len(role.sockets)} sockets; here it has one, or two that it hands on between."
        )
    if len(role.sockets) == 2 and types not in PROXIES and not hands_on(role):
        raise Mistake(
            f"{at}{role.name} cannot hand on between {' and '.join(role.types)}; it can between ROUTER and DEALER, "
            f"XSUB and XPUB, or from PULL or SUB to PUSH or PUB."
        )
    if len(role.sockets) == 1 and not types <= ALONE:
        raise Mistake(
            f"{at}an {role.types[0]} needs its other half: XSUB and XPUB stand between publishers and subscribers."
        )
    one = types if len(role.sockets) == 1 else set()
    if role.every is not None and not one & SENDS:
        raise Mistake(f"{at}`every` is for who sends of its own accord, and {role.name} does not.")
    if role.works is not None and not (one & WORKS or hands_on(role)):
        raise Mistake(f"{at}`works` is for who takes messages and does something with them, and {role.name} does not.")
    if role.topics and not types & {"PUB", "SUB"}:
        raise Mistake(f"{at}`topics` are for PUB and SUB, and {role.name} is {' and '.join(role.types)}.")


def _line(system: System, name: str) -> None:
    ends = [(role, socket) for role in system.roles for socket in role.sockets if socket.line == name]
    if not ends:
        raise Mistake(
            f"Line {system.lines[name].at}: nobody is on {name}; a role is by `binds {name}` or `connects {name}`."
        )
    at = f"Line {ends[0][0].at}: "
    binding = [role for role, socket in ends if socket.binds]
    connecting = [role for role, socket in ends if not socket.binds]
    if sum(role.count for role in binding) != 1:
        who = ", ".join(f"{role.count} of {role.name}" if role.count > 1 else role.name for role in binding) or "nobody"
        raise Mistake(f"{at}exactly one binds a line, and {name} is bound by {who}.")
    if not connecting:
        raise Mistake(f"{at}nobody connects to {name}, where {binding[0].name} has bound.")
    own = next(socket.type for _, socket in ends if socket.binds)
    for role, socket in ends:
        if not socket.binds and socket.type not in PEERS[own]:
            peers = " and ".join(sorted(PEERS[own]))
            raise Mistake(f"Line {role.at}: a {socket.type} does not talk to a {own}; {own} talks to {peers}.")
    if own == "PAIR" and sum(role.count for role in connecting) > 1:
        raise Mistake(f"{at}PAIR joins exactly two, and more than one connects to {name}.")
