"""The live page: the same view as in a notebook, served to this machine's own browsers.

It listens on 127.0.0.1 and nowhere else. Its address holds a secret, without which nothing is answered; a page of
another origin cannot read it either: a request has to name this server as its host, and no script but ours runs on it.
"""

from __future__ import annotations

import contextlib
import json
import queue
import secrets
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.resources import files
from typing import Any
from urllib.parse import parse_qs, urlsplit

from ..view import Seat, script, seat_for, style

BEHIND = 200            # batches that a slow browser may be behind; then it gets the whole picture anew
SILENCE = 2.0           # seconds between two looks whether the browser is still there
GOODBYE = 5.0           # seconds that pages have at the end to ask for the report
LONGEST = 10_000        # bytes of what a page says
_POLICY = ("default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; connect-src 'self'; "
           "img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
_KINDS = {"html": "text/html", "css": "text/css", "js": "text/javascript", "json": "application/json"}


class Page:
    """Serves `source` (what a view can show) until `close`. `report()` gives what stands below the picture.

    `address` is for the browser. Raises OSError when there is no port.
    """

    def __init__(self, source: Any, report: Callable[[], dict[str, Any]], *, live: bool = True) -> None:
        self.source, self.report, self.live = source, report, live
        self.token = secrets.token_urlsafe(16)
        self.closing = threading.Event()
        handler = type("Handler", (_Handler,), {"page": self})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._server.daemon_threads = True
        self.port = self._server.server_address[1]
        self.address = f"http://127.0.0.1:{self.port}/{self.token}/"
        self._reporting = threading.Lock()
        self._seats: dict[str, Seat] = {}
        self._told = threading.Event()      # somebody has asked for the report
        threading.Thread(target=self._server.serve_forever, name="zmqlive-page", daemon=True).start()

    def farewell(self) -> None:
        """The record has ended: let the pages that look have the last of it, for some seconds at most."""
        if self._seats:
            self._told.clear()
            self._told.wait(GOODBYE)

    def close(self) -> None:
        """Serve no more."""
        self.closing.set()
        self._server.shutdown()
        self._server.server_close()

    # --- what is asked for, by its name

    def content(self, name: str) -> str | None:
        """The text of that name; None where there is none."""
        if name == "flow.js":
            return script()
        if name == "flow.css":
            return style()
        if name in ("", "page.js", "page.css"):
            return files(__package__).joinpath("web", name or "page.html").read_text(encoding="utf-8")
        if name == "what.json":
            return json.dumps({"title": self.source.title, "live": self.live})
        if name == "replay.json" and not self.live:
            return json.dumps(self.source.trace().replay())
        if name == "report.json":
            with self._reporting:       # matching takes a while: one at a time
                text = json.dumps(self.report())
            self._told.set()
            return text
        return None

    def sit(self, view: str, send: Callable[[dict[str, Any]], None]) -> Seat:
        """A browser's page wants to be told what is new."""
        self._seats[view] = seat = seat_for(self.source, send)
        seat.start()
        seat.send_history(view)     # what was until now, also for a page that asked before its stream was there
        return seat

    def leave(self, view: str, seat: Seat) -> None:
        seat.stop()
        if self._seats.get(view) is seat:
            del self._seats[view]

    def hear(self, message: dict[str, Any]) -> None:
        """What a page says: that it is looked at, that it wants everything anew."""
        view = str(message.get("view", ""))
        seat = self._seats.get(view)
        if seat is not None and "look" in message:
            seat.look(view, bool(message["look"]))
        elif seat is not None and message.get("ask") == "history":
            seat.send_history(view)


class _Handler(BaseHTTPRequestHandler):
    """One request."""

    page: Page
    protocol_version = "HTTP/1.1"
    server_version, sys_version = "zmqlive", ""

    def do_GET(self) -> None:
        name = self._asked()
        if name == "events" and self.page.live:
            self._stream(parse_qs(urlsplit(self.path).query).get("view", [""])[0])
        elif name is not None and (text := self.page.content(name)) is not None:
            self._answer(200, text, _KINDS[name.rpartition(".")[2] or "html"])
        else:
            self._answer(404, "There is nothing here.\n", "text/plain")

    def do_POST(self) -> None:
        length = self.headers.get("Content-Length", "")
        known = self._asked() == "say" and length.isdigit() and int(length) <= LONGEST
        if not known or self.headers.get("Content-Type") != "application/json":
            self.close_connection = True
            self._answer(404, "There is nothing here.\n", "text/plain")
            return
        try:
            message = json.loads(self.rfile.read(int(length)))
            if isinstance(message, dict):
                self.page.hear(message)
            self._answer(200, "{}", _KINDS["json"])
        except ValueError:
            self._answer(400, "That is no message.\n", "text/plain")

    def _asked(self) -> str | None:
        """What is asked for, by who knows the secret and means this server; else None."""
        token, _, name = urlsplit(self.path).path.lstrip("/").partition("/")
        mine = self.headers.get("Host", "") in (f"127.0.0.1:{self.page.port}", f"localhost:{self.page.port}")
        return name if mine and secrets.compare_digest(token.encode(), self.page.token.encode()) else None

    def _answer(self, code: int, text: str, kind: str) -> None:
        data = text.encode()
        self.send_response(code)
        self._headers(kind)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def _headers(self, kind: str) -> None:
        for name, value in (("Content-Type", f"{kind}; charset=utf-8"), ("Cache-Control", "no-store"),
                            ("Content-Security-Policy", _POLICY), ("X-Content-Type-Options", "nosniff"),
                            ("Referrer-Policy", "no-referrer"), ("Cross-Origin-Resource-Policy", "same-origin")):
            self.send_header(name, value)

    def _stream(self, view: str) -> None:
        """Batches, as server-sent events, until the browser goes or nothing more will come."""
        self.close_connection = True
        self.send_response(200)
        self._headers("text/event-stream")
        self.end_headers()
        batches: queue.Queue[dict[str, Any]] = queue.Queue()
        seat = self.page.sit(view, batches.put)
        try:
            while not self.page.closing.is_set():
                try:
                    batch = batches.get(timeout=SILENCE)
                    text = f"data: {json.dumps(batch, separators=(',', ':'))}\n\n"
                except queue.Empty:
                    batch, text = {}, ": still here\n\n"
                self.wfile.write(text.encode())
                self.wfile.flush()
                if batch.get("ended") or batch.get("history", {}).get("ended"):
                    return
                if batches.qsize() > BEHIND:
                    while not batches.empty():
                        batches.get_nowait()
                    seat.send_history(view)
        except OSError:
            return      # the browser has gone
        finally:
            self.page.leave(view, seat)

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: the terminal is the programs'."""

    def handle(self) -> None:
        with contextlib.suppress(ConnectionError):
            super().handle()
