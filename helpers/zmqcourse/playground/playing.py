"""Runs a described system on a stage; below its picture stands the description, to be changed and built anew."""

from __future__ import annotations

import linecache
from html import escape
from typing import Any

from ipywidgets import HTML, Box, Button, Layout, Textarea, VBox
from zmqlive import Stage
from zmqlive.view import FlowView

from ..exercise import code as words
from .description import Mistake, System, read
from .fitting import check
from .program import constant, function_name, write

SECONDS = 600.0
_last: list[Playground] = []  # the one that runs: another one ends it


class Playground:
    """A description and what runs of it. As the value of a cell it is a picture, with the description to be changed
    below it, and the program. `code` is that program; `stage` is None until one could be built; `problem` is what is
    wrong with the description, "" when nothing is."""

    def __init__(self, text: str) -> None:
        self.code, self.problem = "", ""
        self.stage: Stage | None = None
        self.text = Textarea(text.strip("\n"), layout=Layout(height="9.5em"))
        said = "Stop this system, and run what is described"
        self._button = Button(description="Build it", button_style="primary", tooltip=said)
        self._said = HTML()
        self._button.on_click(lambda _: self.build())
        self._below = Box([self.text, self._button, self._said])
        self._below.add_class("zl-controls")
        self._program = HTML()
        self._box = VBox()
        self._box.add_class("zl-with-controls")
        self.build()

    def build(self, text: str | None = None) -> Playground:
        """Stop what runs, and run what is described; a description with a mistake in it leaves all as it is."""
        if text is not None:
            self.text.value = text.strip("\n")
        try:
            system = check(read(self.text.value))
        except Mistake as mistake:
            self._say(str(mistake))
            self._box.children = self._box.children or (self._below,)
            return self
        self.stop()
        self.stage, self.code = staged(system)
        self._say("")
        self._program.value = _shown(self.code)
        old = self._box.children[:1]
        self._box.children = (FlowView(self.stage), self._below, self._program)
        for view in old:
            if isinstance(view, FlowView):
                view.close()
        return self

    def stop(self) -> None:
        """End all roles; what was seen stays."""
        if self.stage is not None:
            self.stage.stop()

    def _say(self, problem: str) -> None:
        self.problem = problem
        self._said.value = f'<b role="alert" style="color:var(--zl-bad)">{words(problem)}</b>' if problem else ""

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        return self._box._repr_mimebundle_(**kwargs)

    def __repr__(self) -> str:
        return self.problem or f"<Playground: {self.stage!r}>"


def staged(system: System) -> tuple[Stage, str]:
    """A running stage of this system, and the program that runs on it: the roles are the functions of its text."""
    stage = Stage("Playground", seconds=SECONDS)
    endpoints = {name: stage.endpoint(line.transport, name=name) for name, line in system.lines.items()}
    code = write(system, endpoints)
    names: dict[str, Any] = {"__name__": "playground"}  # not "__main__": its threads are the stage's to start
    linecache.cache["<playground>"] = (len(code), None, code.splitlines(keepends=True), "<playground>")
    exec(compile(code, "<playground>", "exec"), names)
    for name, line in system.lines.items():
        if line.weather:
            names[f"TO_{constant(name)}"] = stage.link(endpoints[name], name=name, **line.weather).endpoint
    for role in system.roles:
        stage.add(names[function_name(role)], name=role.name, **({"count": role.count} if role.count > 1 else {}))
    return stage.start(), code


def play(text: str) -> Playground:
    """The system that these lines describe, running (see the package's docstring). One runs at a time."""
    while _last:
        _last.pop().stop()
    _last.append(Playground(text))
    return _last[0]


_ALL = "user-select:all;-webkit-user-select:all;line-height:1.35;max-height:32em;overflow:auto"


def _shown(code: str) -> str:
    return (
        "<details open><summary>The program that runs, plain pyzmq: one click selects it all</summary>"
        f'<pre style="{_ALL}" tabindex="0">{escape(code)}</pre></details>'
    )
