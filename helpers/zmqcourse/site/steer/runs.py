"""Other runs of a scene, made ready for the lesson's page: numbered as in the lesson's own run, so that the picture
stays where it is when one takes the place of the other, and packed, for there are many of them."""

from __future__ import annotations

import base64
import gzip
import json
from typing import Any

from ..thin import thin
from .settings import PRESS

#: Messages of each run that are drawn, tried one after the other until all runs together are small enough.
DRAWN = (400, 200, 100, 50)
MOST_BYTES = 350_000  # of all runs of a view, packed
NEVER = 1e9  # ms: a socket that was only there in the lesson's own run keeps its place, and is not shown
_EDGE, _SOCKET = ("s", "h", "r", "x"), ("d", "b", "u")


def runs_of(kept: dict[str, Any]) -> dict[str, Any] | None:
    """What a page needs to be steered: {"knobs", "own", "own_buttons", "buttons", "runs", "packed"}; None where nothing
    can be chosen. What could not be recorded is not offered."""
    told = kept.get("steer")
    if not told or not told["runs"]:
        return None
    runs = [{**run, "replay": align(run["replay"], kept["replay"])} for run in told["runs"]]
    acts = {run.get("act") for run in runs}
    buttons = [{**button, "enabled": True} for button in told["buttons"] if button["id"] in acts]
    return {
        "knobs": [_offered(knob, k, told, runs) for k, knob in enumerate(kept["knobs"])],
        "own": told["own"],
        "own_buttons": [button for button in buttons if button["id"].startswith(PRESS)],
        "buttons": [button for button in buttons if not button["id"].startswith(PRESS)],
        "runs": [{key: run[key] for key in ("at", "act", "press") if run.get(key) is not None} for run in runs],
        "packed": _packed([run["replay"] for run in runs]),
    }


def _offered(knob: dict[str, Any], k: int, told: dict[str, Any], runs: list[dict[str, Any]]) -> dict[str, Any]:
    """A slider's name and settings as words; `open` are those that can be chosen with the others as they were."""
    own = told["own"]
    alone = {
        run["at"][k]
        for run in runs
        if "at" in run and all(i == o for j, (i, o) in enumerate(zip(run["at"], own, strict=True)) if j != k)
    }
    return {
        "name": knob["description"],
        "choice": isinstance(knob["value"], bool) or bool(knob.get("options")),
        "values": [said(value) for value in told["knobs"][k]],
        "open": sorted({*alone, own[k]}),
    }


def said(value: Any) -> str:
    """A setting as a reader sees it."""
    if isinstance(value, bool):
        return "on" if value else "off"
    return f"{value:g}" if isinstance(value, float) else str(value)


def _packed(replays: list[dict[str, Any]]) -> str:
    packed = ""
    for most in DRAWN:
        small = [thin(replay, most=most) for replay in replays]
        words = json.dumps(small, separators=(",", ":"), ensure_ascii=False).encode()
        packed = base64.b64encode(gzip.compress(words, 9, mtime=0)).decode()
        if len(packed) <= MOST_BYTES:
            break
    return packed


def align(replay: dict[str, Any], like: dict[str, Any]) -> dict[str, Any]:
    """The replay with its roles in the order of another one, and each socket and connection that both have numbered as
    there. A role that only the other has keeps its place."""
    topo, other = replay["topo"], like["topo"]
    sockets = _sockets(topo, other)
    edges = _edges(topo, other, sockets)
    there = {role["id"] for role in topo["roles"] if role["sockets"]}
    absent = [role for role in other["roles"] if role["id"] not in there]
    ghosts = {id for role in absent for id in role["sockets"]}
    known = {*sockets.values(), *ghosts}
    roles = [{**role, "sockets": [sockets[id] for id in role["sockets"] if id in sockets]} for role in topo["roles"]]
    return {
        **replay,
        "topo": {
            **topo,
            "roles": _in_order([*(r for r in roles if r["id"] in there), *absent], other["roles"]),
            "sockets": _in_order(
                [{**s, "id": sockets[s["id"]]} for s in topo["sockets"]]
                + [_unborn(s) for s in other["sockets"] if s["id"] in ghosts],
                other["sockets"],
            ),
            "edges": _in_order(
                [{**e, "id": edges[e["id"]], "a": sockets[e["a"]], "b": sockets[e["b"]]} for e in topo["edges"]]
                + [_unborn(e) for e in other["edges"] if {e["a"], e["b"]} & ghosts and {e["a"], e["b"]} <= known],
                other["edges"],
            ),
        },
        "ev": [_renumbered(event, sockets, edges) for event in replay["ev"]],
    }


def _unborn(item: dict[str, Any]) -> dict[str, Any]:
    return {**item, "born": NEVER, "gone": None}


def _in_order(items: list[dict[str, Any]], like: list[dict[str, Any]]) -> list[dict[str, Any]]:
    places = {item["id"]: i for i, item in enumerate(like)}
    return sorted(items, key=lambda item: places.get(item["id"], len(places)))


def _sockets(topo: dict[str, Any], other: dict[str, Any]) -> dict[int, int]:
    """Each socket's number: that of the next one of the same role and type, or a new one."""
    free = list(other["sockets"])
    new = 1 + max((s["id"] for s in other["sockets"]), default=0)
    numbers: dict[int, int] = {}
    for socket in topo["sockets"]:
        twin = next((s for s in free if all(s.get(k) == socket.get(k) for k in ("role", "type", "name"))), None)
        if twin is not None:
            free.remove(twin)
        numbers[socket["id"]] = new if twin is None else twin["id"]
        new += twin is None
    return numbers


def _edges(topo: dict[str, Any], other: dict[str, Any], sockets: dict[int, int]) -> dict[int, int]:
    free = {(e["a"], e["b"]): e["id"] for e in reversed(other["edges"])}
    new = 1 + max((e["id"] for e in other["edges"]), default=0)
    numbers: dict[int, int] = {}
    for edge in topo["edges"]:
        twin = free.pop((sockets[edge["a"]], sockets[edge["b"]]), None)
        numbers[edge["id"]] = new if twin is None else twin
        new += twin is None
    return numbers


def _renumbered(event: list[Any], sockets: dict[int, int], edges: dict[int, int]) -> list[Any]:
    kind, event = event[1], list(event)
    if kind in _EDGE:
        event[2] = edges.get(event[2], -1)
        if len(event) > 5:
            event[5] = sockets.get(event[5], event[5])
    elif kind in _SOCKET:
        event[2] = sockets.get(event[2], event[2])
    elif kind == "n":
        event[2] = _counts(event[2], sockets, edges)
    return event


def _counts(counts: dict[str, Any], sockets: dict[int, int], edges: dict[int, int]) -> dict[str, Any]:
    made = dict(counts)
    for part, numbers in (("e", edges), ("x", edges), ("s", sockets), ("door", sockets)):
        if part in counts:
            made[part] = {str(numbers.get(int(id), id)): value for id, value in counts[part].items()}
    if counts.get("blocked") is not None:
        made["blocked"] = [sockets.get(id, id) for id in counts["blocked"]]
    return made
