"""Reading and writing lessons: their exercises, their canonical form, what is wrong with one.

    python -m zmqcourse.lessons.notebook check [FILES]          say what is wrong; exit code 1 if anything is
    python -m zmqcourse.lessons.notebook fix [--run] [FILES]    bring into canonical form; --run stores outputs anew

An exercise is three cells tied by metadata ``course: {exercise|check|solution: "06.2"}``: the stub, the
call of `check`, and the folded solution with one python block, the only place where the solution stands.
Canonical form: outputs only in cells tagged ``nbval-check-output``, with execution count 1; no
metadata but `CELL_KEYS`; fixed kernelspec; fixed ids for an exercise's cells; the source of a cell that only asks
(`predict`) or only checks is folded: there is nothing to learn from it, and all to see below it.
"""

from __future__ import annotations

import ast
import copy
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode

KINDS = ("exercise", "check", "solution")
CHECKED = "nbval-check-output"
CELL_KEYS = ("course", "deletable", "editable", "jupyter", "slideshow", "tags")
KERNEL = {
    "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}

_ID = re.compile(r"\d\d\.\d+")
# Ports, addresses in memory, cells' file names: never the same twice.
_DIFFERS = re.compile(r"(?:127\.0\.0\.1|localhost):\d{4,5}|0x[0-9a-f]{7,}|ipykernel_\d+")
_BLOCK = re.compile(r"^```python\n(.*?)^```", re.S | re.M)


class LessonError(ValueError):
    """A lesson is not made as a lesson has to be; says where."""


def read(file: str | Path) -> NotebookNode:
    """Read a lesson. Raises `LessonError` if it is no notebook."""
    try:
        return nbformat.read(str(file), as_version=4)
    except Exception as error:
        raise LessonError(f"{file} is not a readable notebook: {error}") from error


def parse(text: str) -> NotebookNode:
    """A lesson from the text of its file. Raises `LessonError` if that is no notebook."""
    try:
        return nbformat.reads(text, as_version=4)
    except Exception as error:
        raise LessonError(f"not a readable notebook: {error}") from error


def write(nb: NotebookNode, file: str | Path) -> None:
    Path(file).write_text(text(nb), encoding="utf-8", newline="\n")


def text(nb: NotebookNode) -> str:
    """The notebook as it stands in a file."""
    return nbformat.writes(nb).rstrip("\n") + "\n"


def mark(cell: NotebookNode, kind: str) -> str:
    """The exercise id that this cell carries as stub, check or solution; "" if it does not."""
    return str(cell.metadata.get("course", {}).get(kind, ""))


def cells_of(nb: NotebookNode, kind: str) -> dict[str, NotebookNode]:
    """Exercise id → its cell of this kind, in order."""
    return {mark(cell, kind): cell for cell in nb.cells if mark(cell, kind)}


def stub(nb: NotebookNode, id: str) -> str:
    """The source of the exercise's stub, or of the learner's answer in its place."""
    return cells_of(nb, "exercise")[id].source


def solutions(nb: NotebookNode) -> dict[str, str]:
    """Exercise id → source of the folded solution. Raises `LessonError`."""
    found = {}
    for id, cell in cells_of(nb, "solution").items():
        blocks = _BLOCK.findall(cell.source)
        if len(blocks) != 1:
            raise LessonError(f"solution {id}: one ```python block is wanted, {len(blocks)} are there")
        found[id] = blocks[0].rstrip("\n")
    return found


def solve(nb: NotebookNode) -> NotebookNode:
    """A copy with the folded solutions in the stubs' places."""
    solved, found = copy.deepcopy(nb), solutions(nb)
    for id, cell in cells_of(solved, "exercise").items():
        if id not in found:
            raise LessonError(f"exercise {id} has no solution cell")
        cell.source = found[id]
    return solved


def canonical(nb: NotebookNode) -> NotebookNode:
    """A copy in canonical form."""
    nb = copy.deepcopy(nb)
    nb.nbformat, nb.nbformat_minor = 4, 5
    nb.metadata = nbformat.from_dict(KERNEL)
    used: set[str] = set()
    for number, cell in enumerate(nb.cells):
        cell.id = _cell_id(cell, number, used)
        cell.source = cell.source.rstrip()
        kept = {key: cell.metadata[key] for key in CELL_KEYS if cell.metadata.get(key)}
        if "tags" in kept:
            kept["tags"] = sorted(set(kept["tags"]))
        if cell.cell_type == "code" and is_folded(cell.source):
            kept["jupyter"] = {**kept.get("jupyter", {}), "source_hidden": True}
        cell.metadata = nbformat.from_dict(kept)
        cell.pop("attachments", None) if not cell.get("attachments") else None
        if cell.cell_type == "code":
            _canonical_outputs(cell)
    return nb


def is_folded(source: str) -> bool:
    """Whether a cell holds just one call of `predict` or `check`, so that its source is folded."""
    match getattr(_parsed(source), "body", None):
        case [ast.Expr(ast.Call(ast.Name("predict" | "check")))]:
            return True
    return False


def _cell_id(cell: NotebookNode, number: int, used: set[str]) -> str:
    """Of an exercise's cells, one made from its id; of others, their own, made unique."""
    for kind in KINDS:
        if mark(cell, kind):
            end = "" if kind == "exercise" else f"-{kind}"
            wanted = f"ex-{mark(cell, kind).replace('.', '-')}{end}"
            break
    else:
        wanted = cell.get("id") or f"cell-{number}"
    id, n = wanted, 2
    while id in used:
        id, n = f"{wanted}-{n}", n + 1
    used.add(id)
    return id


def _canonical_outputs(cell: NotebookNode) -> None:
    if CHECKED not in cell.metadata.get("tags", []):
        cell.outputs, cell.execution_count = [], None
        return
    cell.execution_count = 1 if cell.execution_count is not None or cell.outputs else None
    merged: list[NotebookNode] = []
    for output in cell.outputs:
        if output.output_type == "execute_result":
            output.execution_count = 1
        output.pop("transient", None)
        if "metadata" in output:
            output.metadata = nbformat.from_dict({})
        last = merged[-1] if merged else None
        if (
            last is not None
            and output.output_type == last.output_type == "stream"
            and output.name == last.name
        ):
            last.text += output.text
        else:
            merged.append(output)
    cell.outputs = merged


def problems(nb: NotebookNode) -> list[str]:
    """Everything that keeps this notebook from being a lesson in canonical form, a sentence each."""
    said = _exercise_problems(nb)
    for number, cell in enumerate(nb.cells):
        said += [f"cell {number} ({cell.get('id', 'no id')}): {what}" for what in _cell_problems(cell)]
    ids = [cell.get("id") for cell in nb.cells]
    said += [f"two cells have the id {id}" for id in sorted({id for id in ids if id and ids.count(id) > 1})]
    if text(nb) != text(canonical(nb)):
        said.append("not in canonical form: run `make notebooks`")
    return said


def _cell_problems(cell: NotebookNode) -> list[str]:
    said = [f"unknown metadata `{key}`" for key in cell.metadata if key not in CELL_KEYS]
    course = cell.metadata.get("course", {})
    said += [f"unknown course metadata `{key}`" for key in course if key not in KINDS]
    said += [f"`{id}` is no exercise id such as 06.2" for id in course.values() if not _ID.fullmatch(str(id))]
    if cell.cell_type != "code":
        return said
    if is_folded(cell.source) and not cell.metadata.get("jupyter", {}).get("source_hidden"):
        said.append("its source is not folded (jupyter.source_hidden)")
    tags = cell.metadata.get("tags", [])
    if CHECKED in tags:
        if cell.execution_count is None:
            said.append(f"tagged {CHECKED} but never run, so nothing would be compared")
        if any(output.output_type == "error" for output in cell.outputs) and "raises-exception" not in tags:
            said.append("a stored output is an error")
        stored = nbformat.writes(nbformat.v4.new_notebook(cells=[cell])) if cell.outputs else ""
        if differs := _DIFFERS.search(stored.partition('"outputs"')[2].partition('"source"')[0]):
            said.append(f"a stored output holds `{differs.group()}`, which is another each time")
        if any(kind.startswith("image/") for output in cell.outputs for kind in output.get("data", {})):
            said.append(f"shows a picture, which is not compared: drop the tag {CHECKED}")
    if cell.source.rstrip().endswith(";"):
        said.append("a trailing `;` does not silence the value under nbval: end with an assignment")
    return said


def _exercise_problems(nb: NotebookNode) -> list[str]:
    places: dict[str, dict[str, list[int]]] = {}
    for number, cell in enumerate(nb.cells):
        for kind in KINDS:
            if mark(cell, kind):
                places.setdefault(mark(cell, kind), {k: [] for k in KINDS})[kind].append(number)
    said = []
    for id, kinds in places.items():
        counts = {kind: len(numbers) for kind, numbers in kinds.items()}
        if set(counts.values()) != {1}:
            said.append(f"exercise {id}: one stub, one check and one solution are wanted, there are {counts}")
            continue
        order = [kinds[kind][0] for kind in KINDS]
        if order != sorted(order):
            said.append(f"exercise {id}: the order is stub, check, solution")
        said += [f"exercise {id}: {what}" for what in _content_problems(*(nb.cells[n] for n in order), id)]
    return said


def _content_problems(stub: NotebookNode, check: NotebookNode, solution: NotebookNode, id: str) -> list[str]:
    said = []
    if not any(call.args[0].value == id for call in check_calls(check.source)):
        said.append(f'its check cell does not call `check("{id}", …)`')
    if _parsed(stub.source) is None:
        said.append("the stub is no valid Python, so Run All would stop there")
    if not solution.source.lstrip().startswith("<details>"):
        said.append("its solution is not folded: begin with `<details>`")
    blocks = _BLOCK.findall(solution.source)
    if len(blocks) != 1:
        said.append(f"one ```python block is wanted in its solution, {len(blocks)} are there")
    elif _parsed(blocks[0]) is None:
        said.append("its solution is no valid Python")
    return said


def check_calls(source: str) -> Iterator[ast.Call]:
    """The calls of `check` with an id, in a cell's source; none where it is no Python."""
    for node in ast.walk(_parsed(source) or ast.Module([], [])):
        called = isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "check"
        if called and node.args and isinstance(node.args[0], ast.Constant):
            yield node


def _parsed(source: str) -> ast.Module | None:
    try:
        return ast.parse(source)
    except SyntaxError:
        return None


def run(nb: NotebookNode, folder: str | Path, *, seconds: float = 60) -> NotebookNode:
    """A copy that was run top to bottom in a fresh kernel, each cell for at most so many seconds.

    Progress is not touched. Raises nbclient's CellExecutionError.
    """
    import os

    from nbclient import NotebookClient

    nb = copy.deepcopy(nb)
    client = NotebookClient(nb, timeout=seconds, resources={"metadata": {"path": str(folder)}})
    client.execute(env={**os.environ, "ZMQCOURSE_PROGRESS": "off"})
    return nb


def main(arguments: list[str] | None = None) -> int:
    """The command; see the module's text. Returns the exit code."""
    import argparse

    parser = argparse.ArgumentParser(
        prog="python -m zmqcourse.lessons.notebook", description="the lessons' canonical form"
    )
    parser.add_argument("what", choices=("check", "fix"))
    parser.add_argument("files", nargs="*", type=Path, help="by default notebooks/*.ipynb")
    parser.add_argument(
        "--run", action="store_true", help="with fix: run them and store the outputs that are checked"
    )
    options = parser.parse_intermixed_args(arguments)
    bad = 0
    for file in options.files or sorted(Path("notebooks").glob("*.ipynb")):
        try:
            said = _fix(file, options.run) if options.what == "fix" else problems(read(file))
        except LessonError as error:
            said = [str(error)]
        bad += bool(said)
        for sentence in said:
            print(f"{file}: {sentence}")
    return 1 if bad else 0


def _fix(file: Path, rerun: bool) -> list[str]:
    before: Any = read(file)
    after = canonical(run(before, file.parent) if rerun else before)
    if text(after) != file.read_text(encoding="utf-8"):
        write(after, file)
        print(f"{file}: brought into canonical form")
    return problems(after)


if __name__ == "__main__":
    raise SystemExit(main())
