"""The house: rooms, arrows that go one way, doors, and nothing too long. Read from the imports, without running any."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import NamedTuple

import pytest
import zmq
import zmq.asyncio
from environments import HELPERS, ROOT

# A room may import those that stand before it. A package's own `__init__` stands above all of its rooms.
ORDER = {
    "zmqlive": ("deathwish", "later", "trace", "zmtp", "net", "view", "figures", "recording", "live", "recorder",
                "hook", "roles", "stage", "programs", "__main__"),
    "zmqcourse": ("brokers", "exercise", "trial", "kernels", "scenes", "playground", "checks", "learner", "lessons",
                  "teaching", "site", "__main__"),
}
ROOMS = [f"{package}.{room}" for package, rooms in ORDER.items() for room in rooms]
PYZMQ = {name for kind in (zmq.Context, zmq.Socket, zmq.asyncio.Context, zmq.asyncio.Socket) for base in kind.__mro__
         for name in (*vars(base), *vars(base).get("__annotations__", ()))}     # its underscore names are its own
LINES, MODULES = 320, 15
WIDGETS = {"IPython", "anywidget", "ipywidgets", "traitlets"}
NOT_FOR = {     # what a room must do without
    "zmqlive.trace": {"zmq", "threading", *WIDGETS}, "zmqlive.view": {"zmq"},
    "zmqlive.zmtp": {"zmq", "threading", "socket", *WIDGETS},
    **{f"zmqlive.{room}": WIDGETS for room in ORDER["zmqlive"] if room not in ("trace", "view", "zmtp")},
}


class Import(NamedTuple):
    """One imported name: `module` is where it is looked for, absolute; a name that is a module itself is part of it."""

    module: str
    name: str
    line: int


def name_of(file: Path, top: Path = HELPERS) -> str:
    parts = file.relative_to(top).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def room_of(module: str) -> str:
    return ".".join(module.split(".")[:2])


def imports_of(tree: ast.AST, module: str, *, is_package: bool, modules: set[str]) -> Iterator[Import]:
    """All of them: also those inside functions, and those that only a type checker reads."""
    package = module.split(".") if is_package else module.split(".")[:-1]
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (Import(alias.name, "", node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[:len(package) - node.level + 1] if node.level else []
            source = ".".join([*base, *filter(None, [node.module])])
            for alias in node.names:
                whole = f"{source}.{alias.name}"
                yield Import(whole, "", node.lineno) if whole in modules else Import(source, alias.name, node.lineno)


class House:
    """The sources below `top`, read."""

    def __init__(self, top: Path = HELPERS) -> None:
        self.files = {name_of(file, top): file for file in sorted(top.rglob("*.py"))
                      if "build" not in file.relative_to(top).parts}     # pip leaves copies there
        self.trees = {name: ast.parse(file.read_text(encoding="utf-8")) for name, file in self.files.items()}
        self.imports = {
            name: list(imports_of(tree, name, is_package=self.files[name].stem == "__init__",
                                  modules=set(self.files)))
            for name, tree in self.trees.items()}

    def own(self, name: str) -> Iterator[Import]:
        """What a module imports of this house."""
        return (each for each in self.imports[name] if each.module in self.files)

    def between_rooms(self) -> Iterator[tuple[str, Import]]:
        for name in self.files:
            for each in self.own(name):
                if "." in name and room_of(each.module) != room_of(name):
                    yield name, each

    def wrong_way(self) -> list[str]:
        """Imports of a room that stands later, or of the package's own door, or by the lab of the course."""
        found = []
        for name, each in self.between_rooms():
            package, _, room = room_of(name).partition(".")
            other, _, wanted = room_of(each.module).partition(".")
            order = ORDER[package]
            if package != other:
                allowed = (package, other) == ("zmqcourse", "zmqlive")
            else:
                allowed = wanted in order and order.index(wanted) < order.index(room)
            if not allowed:
                found.append(f"{name}:{each.line} imports {each.module}")
        return found

    def circle(self) -> list[str]:
        try:
            TopologicalSorter({name: {each.module for each in self.own(name)} for name in self.files}).prepare()
        except CycleError as error:
            return list(error.args[1])
        return []

    def door(self, room: str) -> set[str]:
        """The names that a room's `__init__` says others may use; a room of one module is its own door."""
        for node in self.trees[room].body:
            if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "__all__":
                return set(ast.literal_eval(node.value))
        return {name for node in self.trees[room].body for name in bound(node) if not name.startswith("_")}

    def past_the_door(self) -> list[str]:
        found = []
        for name, each in self.between_rooms():
            room = room_of(each.module)
            inside = each.module.removeprefix(room).strip(".")
            asked = {inside or each.name} - {""}
            if room in ROOMS and not (asked <= self.door(room) and not (inside and each.name)):
                found.append(f"{name}:{each.line} takes {each.name or inside} from {each.module}")
        return found

    def private_of_others(self) -> list[str]:
        """Underscore names that a module takes from an object or module of another room."""
        defined: dict[str, set[str]] = {}
        for name, tree in self.trees.items():
            defined.setdefault(room_of(name), set()).update(private_names(tree))
        found = []
        for name, tree in self.trees.items():
            of_others = set().union(*(names for room, names in defined.items() if room != room_of(name)))
            for line, used in private_uses(tree):
                if used in of_others - PYZMQ - defined[room_of(name)]:
                    found.append(f"{name}:{line} reaches for {used}")
        return found


def bound(node: ast.AST) -> Iterator[str]:
    """The names that a statement binds."""
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        yield node.name
    elif isinstance(node, (ast.Assign, ast.AnnAssign)):
        for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
            yield from (part.id for part in ast.walk(target) if isinstance(part, ast.Name))
    elif isinstance(node, ast.ImportFrom):
        yield from (alias.asname or alias.name for alias in node.names)


def private(name: str) -> bool:
    return name.startswith("_") and not name.startswith("__")


def private_names(tree: ast.AST) -> Iterator[str]:
    """Underscore names that a module gives: to what it defines, to attributes, and to a class's namespace."""
    for node in ast.walk(tree):
        yield from filter(private, bound(node))
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store) and private(node.attr):
            yield node.attr


def private_uses(tree: ast.AST) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            yield from ((node.lineno, alias.name) for alias in node.names if private(alias.name))
        elif isinstance(node, ast.Attribute) and private(node.attr) and getattr(node.value, "id", "") not in (
                "self", "cls"):
            yield node.lineno, node.attr


@pytest.fixture(scope="module")
def house() -> House:
    return House()


def test_every_room_says_what_it_is_for_and_what_others_may_use(house: House) -> None:
    for room in ROOMS:
        assert ast.get_docstring(house.trees[room]), room
    rooms = [room for room in ROOMS if house.files[room].stem == "__init__"]
    by_lesson = {"zmqcourse.checks", "zmqcourse.scenes"}    # a module a lesson, and no door
    assert [room for room in rooms if room not in by_lesson and not house.door(room)] == []
    assert {room_of(name) for name in house.files if "." in name} == set(ROOMS)


def test_imports_run_one_way(house: House) -> None:
    assert house.wrong_way() == []


def test_no_module_leads_back_to_itself(house: House) -> None:
    assert house.circle() == []


def test_rooms_are_entered_by_their_doors(house: House) -> None:
    assert house.past_the_door() == []


def test_no_room_reaches_into_another(house: House) -> None:
    assert house.private_of_others() == []


@pytest.mark.parametrize("room", NOT_FOR)
def test_a_room_does_without_what_is_not_for_it(house: House, room: str) -> None:
    used = {each.module.partition(".")[0] for name in house.files if room_of(name) == room
            for each in house.imports[name]}
    assert used & NOT_FOR[room] == set()


def test_no_folder_is_crowded(house: House) -> None:
    folders = Counter(file.parent.relative_to(ROOT) for file in house.files.values())
    assert {str(folder): count for folder, count in folders.items() if count > MODULES} == {}


def test_no_module_is_long(house: House) -> None:
    lines = {name: len(file.read_text(encoding="utf-8").splitlines()) for name, file in house.files.items()}
    assert {name: count for name, count in lines.items() if count > LINES} == {}


def test_contributing_shows_every_room() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    assert [room for room in ROOMS if f"{room.partition('.')[2]}" not in text] == []


# --- what the walk must find

WRONG = {
    "wrong_way": {"zmqlive/trace/a.py": "from ..stage import Stage", "zmqlive/stage/__init__.py": "Stage = 1"},
    "circle": {"zmqlive/net/a.py": "def f():\n    from .b import g", "zmqlive/net/b.py": (
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from . import a\ng = 1")},
    "past_the_door": {"zmqlive/stage/a.py": "from ..net.link import Link", "zmqlive/net/link.py": "class Link: ..."},
    "private_of_others": {"zmqlive/stage/a.py": "def f(link):\n    return link._relay",
                          "zmqlive/net/link.py": "class Link:\n    def __init__(self):\n        self._relay = 1"},
}


@pytest.mark.parametrize("what", WRONG)
def test_what_is_wrong_is_found(tmp_path: Path, what: str) -> None:
    for name, text in {"zmqlive/__init__.py": "", "zmqlive/net/__init__.py": "__all__ = []",
                       "zmqlive/stage/__init__.py": "", "zmqlive/trace/__init__.py": "", **WRONG[what]}.items():
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    house = House(tmp_path)
    found = {each: getattr(house, each)() for each in WRONG}
    assert [each for each, lines in found.items() if lines] == [what]


def test_the_lab_does_not_know_the_course(tmp_path: Path) -> None:
    for name, text in (("zmqlive/trace/a.py", "import zmqcourse.lessons"), ("zmqcourse/lessons/__init__.py", ""),
                       ("zmqlive/trace/__init__.py", ""), ("zmqlive/trace/b.py", "from zmqlive import trace")):
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    assert House(tmp_path).wrong_way() == ["zmqlive.trace.a:1 imports zmqcourse.lessons"]
