"""The beginning of a new lesson: `python -m zmqcourse lesson 17-pirates "What if the server dies?"`.

Three files that fit together and run: the notebook, its checks, its right and wrong answers. Everything that a
lesson has is in them once, small; CONTRIBUTING.md says how it goes on from there.
"""

from __future__ import annotations

import re
from pathlib import Path

from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from .notebook import CHECKED, canonical, write

IGNORED = "nbval-ignore-output"


def new_lesson(root: Path, name: str, title: str) -> list[Path]:
    """Write the files of a lesson called `name` (two digits, a dash, words) below `root`; the files.

    Raises ValueError for a name that is none, FileExistsError when there is such a lesson.
    """
    if not re.fullmatch(r"\d\d-[a-z0-9]+(-[a-z0-9]+)*", name):
        raise ValueError(f"{name!r} is no name for a lesson: two digits, a dash, words, such as 17-pirates")
    number = name[:2]
    checks = root / "helpers" / "zmqcourse" / "checks" / f"lesson{number}"
    files = {
        root / "notebooks" / f"{name}.ipynb": "",
        checks / "ex1.py": CHECK,
        root / "tests" / "lesson_cases" / f"lesson{number}.py": CASES,
        checks / "__init__.py": CHECKS,
    }
    for file in [*files, *(root / "notebooks").glob(f"{number}-*.ipynb")]:
        if file.exists():
            raise FileExistsError(f"{file} is already there: choose another number")
    for file, text in files.items():
        file.parent.mkdir(parents=True, exist_ok=True)
        if text:
            file.write_text(text.replace("NN", number), encoding="utf-8")
        else:
            write(skeleton(number, title), file)
    return list(files)


def skeleton(number: str, title: str) -> NotebookNode:
    """A lesson with one of everything."""
    cells = []
    for block in LESSON.replace("NN", number).replace("TITLE", title).split("\n%% ")[1:]:
        head, _, source = block.partition("\n")
        id, kind, *more = head.split()
        make = new_markdown_cell if kind == "text" else new_code_cell
        cell = make(source.strip("\n"), id=id)
        part = next((word for word in more if "=" in word), "")
        if part:
            cell.metadata["course"] = dict([part.split("=")])
        if "ignored" in more:
            cell.metadata["tags"] = [IGNORED]
        if "checked" in more:
            cell.metadata["tags"] = [CHECKED]
            cell.outputs, cell.execution_count = [new_output("stream", text="roles still running: 0\n")], 1
        cells.append(cell)
    return canonical(new_notebook(cells=cells))


# Cells: "%% id kind …", then the source.
LESSON = '''
%% title text
# TITLE

One paragraph: what goes wrong without this. After this lesson you can

* do one thing,
* explain another.

It takes about 15 minutes. You should know PUSH and PULL (lesson 04).
%% setup code
import zmq
from zmqcourse import check, hint, predict, recall, todo
from zmqlive import Stage, figures, show
%% roles-text text
## What happens

Say what is about to run, in two sentences.
%% roles code
def producer(ctx, endpoint):
    with ctx.socket(zmq.PUSH) as push:
        push.bind(endpoint)
        for number in range(20):
            push.send(b"task %d" % number)

def worker(ctx, endpoint):
    with ctx.socket(zmq.PULL) as pull:
        pull.connect(endpoint)
        while True:
            pull.recv()
%% predict code ignored
predict("NN.a", "How many arrive?", ["none", "some", "all"])
%% stage code ignored
stage = Stage("TITLE", seconds=300)
tasks = stage.endpoint("inproc", name="tasks")
stage.add(worker, tasks)
stage.add(producer, tasks)
stage.start()
show(stage)
%% recall code ignored
stage.wait(lambda s: s.received("worker") >= 20)
recall("NN.a", f"{stage.received('worker')} of {stage.sent('producer')} arrived")
%% explain text
Explain what was seen. Numbers come from the run: print them, or draw them.
%% figure code ignored
figures.lanes(stage)
%% exercises text
## Your turn
%% ex-NN-1-text text
### Exercise NN.1 · one message

Write a function that connects a PUSH socket to `endpoint` and sends `hello` as one message.

Stuck? `hint("NN.1")` says a little, and more each time.
%% ex-NN-1 code exercise=NN.1
def greet(ctx, endpoint):
    todo("a socket, connected, one message")
%% ex-NN-1-check code check=NN.1 ignored
check("NN.1", greet)
%% ex-NN-1-solution text solution=NN.1
<details><summary>Solution NN.1</summary>

```python
def greet(ctx, endpoint):
    with ctx.socket(zmq.PUSH) as push:
        push.connect(endpoint)
        push.send(b"hello")
```

Say why, in two or three sentences.

</details>
%% breaks text
## When it breaks

### "What people really ask"
%% ask-symptom code
stage.stop()
assert not stage.running, "the symptom, reproduced"
%% ask-fix code
assert stage.received("worker") == 20, "the same, mended"
%% recap text
## To remember

1. One sentence.
2. Another.
3. A third.

**Read on**: name your sources. Next: the lesson after this.

Last, see that nothing is left running:
%% close code checked
stage.stop()
print("roles still running:", int(stage.running))
'''

CHECKS = '''"""Lesson NN: what its exercises ask, in a line."""

from . import ex1  # noqa: F401  (its import registers the exercise)
'''

CHECK = '''"""Exercise NN.1: what it asks, in a line."""

from __future__ import annotations

import zmq

from ...exercise import Wrong, exercise
from ...trial import trial


@exercise(
    "NN.1",
    title="One message",
    hints=("A nudge.", "The pieces.", "Nearly the code."),
)
def it_arrives_once(greet) -> None:
    """`greet(ctx, endpoint)` sends `hello`, once."""
    with trial() as t:
        pull, endpoint = t.bind(zmq.PULL)
        t.run(greet, t.ctx, endpoint)
        got = t.receive(pull, expected="`hello`")
        if got != [b"hello"]:
            raise Wrong("another message arrived", seen=f"`{got}`", expected='`[b"hello"]`')
        t.silence(pull, expected="one message")
'''

CASES = '''"""Answers to the exercises of lesson NN, right and wrong. See ../lessons.py for the form."""

_SENDS = """
def greet(ctx, endpoint):
    with ctx.socket(zmq.PUSH) as push:
        push.connect(endpoint)
        push.send{}
"""

CASES = {
    "NN.1": {
        "right": {
            "as a message of one frame": _SENDS.format('_multipart([b"hello"])'),
            "closed by hand": """
def greet(ctx, endpoint):
    push = ctx.socket(zmq.PUSH)
    push.connect(endpoint)
    push.send(b"hello")
    push.close()
""",
        },
        # name: (source, words that the verdict must hold); at least five typical mistakes
        "wrong": {
            "text for bytes": (_SENDS.format('("hello")'), "bytes"),
            "two frames": (_SENDS.format('_multipart([b"hello", b""])'), "another message"),
        },
    },
}
'''
