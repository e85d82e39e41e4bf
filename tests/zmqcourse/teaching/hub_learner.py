"""One simulated learner: logs in over HTTP, starts a server, opens lessons and runs their cells over the websocket.

The two clients that it uses, requests and websocket-client, come with JupyterLab.
"""

from __future__ import annotations

import contextlib
import json
import time
import uuid
from ast import literal_eval
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nbformat
import requests
from jupyter_server.services.kernels.connection.base import deserialize_binary_message
from websocket import WebSocket, WebSocketTimeoutException, create_connection
from zmqcourse.exercise import MIME

CELLS = Path(__file__).with_name("hub_cells.py").read_text(encoding="utf-8")
CALL = "__import__('json').dumps(__import__('hub_cells').{call})"
LOAD = f"""
import sys, types
sys.modules["hub_cells"] = types.ModuleType("hub_cells")
exec(compile({CELLS!r}, "hub_cells", "exec"), sys.modules["hub_cells"].__dict__)
"""


class CellFailed(Exception):
    """A cell ended with an error, or did not end in time."""


@dataclass
class Ran:
    """What became of one lesson."""

    lesson: str
    cells: int = 0
    failed: list[str] = field(default_factory=list)     # id and error of each cell that failed
    verdicts: dict[str, str] = field(default_factory=dict)
    seconds: float = 0.0
    traced: dict[str, Any] = field(default_factory=dict)


class Kernel:
    """A kernel and the socket to it. Raises CellFailed for a cell that fails."""

    def __init__(self, url: str, id: str, headers: list[str]) -> None:
        self.id = id
        self._session = uuid.uuid4().hex
        self._socket: WebSocket = create_connection(
            f"{url.replace('http', 'ws', 1)}/api/kernels/{id}/channels?session_id={self._session}",
            header=headers, timeout=60)

    def run(self, source: str, *, cell: str = "", seconds: float = 60, ask: str = "") -> tuple[list[Any], Any]:
        """Run one cell as JupyterLab does; its outputs, and the value of the Python expression `ask`, by JSON."""
        header = {"msg_id": uuid.uuid4().hex, "session": self._session, "msg_type": "execute_request",
                  "username": "", "date": "", "version": "5.3"}
        content = {"code": source, "silent": False, "store_history": not ask, "allow_stdin": False,
                   "stop_on_error": True, "user_expressions": {"it": ask} if ask else {}}
        self._socket.send(json.dumps({"channel": "shell", "header": header, "parent_header": {}, "content": content,
                                      "metadata": {"cellId": cell} if cell else {}, "buffers": []}))
        outputs: list[dict[str, Any]] = []
        reply, idle, end = None, False, time.monotonic() + seconds
        while reply is None or not idle:
            message = self._receive(end - time.monotonic())
            if message["parent_header"].get("msg_id") != header["msg_id"]:
                continue
            if message["msg_type"] == "execute_reply":
                reply = message["content"]
            elif message["msg_type"] == "status":
                idle = message["content"]["execution_state"] == "idle"
            elif message["msg_type"] in ("display_data", "execute_result", "stream", "error"):
                outputs.append({"output_type": message["msg_type"], **message["content"]})
        if reply["status"] != "ok":
            raise CellFailed(f"{reply.get('ename')}: {reply.get('evalue')}")
        it = reply["user_expressions"].get("it", {})
        if ask and it.get("status") != "ok":
            raise CellFailed(f"{it.get('ename')}: {it.get('evalue')}")
        return outputs, json.loads(literal_eval(it["data"]["text/plain"])) if ask else None

    def _receive(self, seconds: float) -> dict[str, Any]:
        if seconds <= 0:
            raise CellFailed("not over in time")
        self._socket.settimeout(seconds)
        try:
            data = self._socket.recv()
        except WebSocketTimeoutException:
            raise CellFailed("not over in time") from None
        return json.loads(data) if isinstance(data, str) else deserialize_binary_message(data)

    def call(self, call: str, seconds: float = 60) -> Any:
        """Call a function of hub_cells there; what it returns."""
        return self.run("", ask=CALL.format(call=call), seconds=seconds)[1]

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._socket.close()


class Learner:
    """Somebody in the class. All waits are bounded by `seconds`, for each."""

    def __init__(self, name: str, hub: str, *, seconds: float = 120) -> None:
        self.name = name
        self.seconds = seconds
        self._hub = hub
        self._http = requests.Session()
        self._http.trust_env = False
        self.server = f"{hub}/user/{name}"
        self.kernels: dict[str, Kernel] = {}

    def log_in(self) -> None:
        """Fill in the form, then get a token, with which the rest is done."""
        self._ok(self._http.get(f"{self._hub}/hub/login", timeout=self.seconds))
        form = {"username": self.name, "password": "any", "_xsrf": self._http.cookies.get("_xsrf", path="/hub/")}
        self._ok(self._http.post(f"{self._hub}/hub/login", data=form, allow_redirects=False, timeout=self.seconds))
        xsrf = {"X-XSRFToken": self._http.cookies.get("_xsrf", path="/hub/")}
        made = self._ok(self._http.post(f"{self._api}/tokens", headers=xsrf, json={}, timeout=self.seconds)).json()
        self._http.cookies.clear()
        self._http.headers["Authorization"] = f"token {made['token']}"

    def start_server(self) -> None:
        """Ask for a server, and wait until the hub says that it is ready."""
        self._ok(self._http.post(f"{self._api}/server", timeout=self.seconds))
        end = time.monotonic() + self.seconds
        while True:
            server = self._ok(self._http.get(self._api, timeout=self.seconds)).json()["servers"].get("", {})
            if server.get("ready"):
                return
            if time.monotonic() > end or not server:
                raise TimeoutError(f"{self.name} has no server: {server}")
            time.sleep(0.5)

    def open(self, lesson: str) -> Kernel:
        """Open a lesson from the home folder, with a kernel of its own that is watched (see hub_cells)."""
        about = {"path": f"notebooks/{lesson}", "name": lesson, "type": "notebook", "kernel": {"name": "python3"}}
        made = self._ok(self._http.post(f"{self.server}/api/sessions", json=about, timeout=self.seconds)).json()
        kernel = Kernel(self.server, made["kernel"]["id"], [f"Authorization: {self._http.headers['Authorization']}"])
        self.kernels[lesson] = kernel
        kernel.run(LOAD, seconds=self.seconds)
        kernel.call("watch()", self.seconds)
        return kernel

    def lesson(self, number: str) -> str:
        """The name of the lesson's notebook in the home folder."""
        folder = self._ok(self._http.get(f"{self.server}/api/contents/notebooks", timeout=self.seconds)).json()
        return next(file["name"] for file in folder["content"] if file["name"].startswith(f"{number}-"))

    def run(self, lesson: str) -> Ran:
        """All code cells of a lesson, from top to bottom, as they stand in the learner's own copy."""
        contents = f"{self.server}/api/contents/notebooks/{lesson}"
        nb = nbformat.from_dict(self._ok(self._http.get(contents, timeout=self.seconds)).json()["content"])
        kernel, ran, began = self.open(lesson), Ran(lesson), time.monotonic()
        for cell in nb.cells:
            if cell.cell_type != "code":
                continue
            ran.cells += 1
            try:
                outputs, _ = kernel.run(cell.source, cell=cell.id, seconds=self.seconds)
            except CellFailed as error:
                ran.failed.append(f"{cell.id}: {error}")
                continue
            for verdict in (each["data"][MIME] for each in outputs if MIME in each.get("data", {})):
                ran.verdicts[verdict["exercise"]] = verdict["state"]
        ran.traced = kernel.call("traced()", self.seconds)
        ran.seconds = time.monotonic() - began
        return ran

    def close(self) -> None:
        """Leave; the server and its kernels go on until the hub ends."""
        for kernel in self.kernels.values():
            kernel.close()
        self._http.close()

    @property
    def _api(self) -> str:
        return f"{self._hub}/hub/api/users/{self.name}"

    def _ok(self, answer: requests.Response) -> requests.Response:
        if not answer.ok:
            raise RuntimeError(f"{answer.request.method} {answer.url}: {answer.status_code} {answer.text[:300]}")
        return answer
