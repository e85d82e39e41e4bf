"""A real JupyterHub on loopback, in a temporary folder: its packages, its configuration, its start and its end.

The hub, its proxy, the learners' servers and their kernels stand below one small guard (this file, run as a program).
The guard waits for its standard input to end, which it does when the program that wanted the hub says so, fails or is
killed; then it ends all that stands below it, each by its process id.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.request import urlopen

import psutil
from environments import ROOT, NotInstalled, environment

CONFIG = ROOT / "deploy" / "jupyterhub" / "jupyterhub_config.py"
# The hub; and what tests/deploy_pod.py makes a learner's pod with.
PACKAGES = ("jupyterhub>=6,<7", "jupyterhub-kubespawner>=7.1,<8", "kubernetes-validate>=1.30")
PROXY = "configurable-http-proxy@5.1.0"     # one release, which an old node (18) still runs
MARK = "ZMQCOURSE_HUB"      # in the environment of each process that a hub has started: the hub's folder
GRACE = 2.0     # seconds in which what was asked to end may do so by itself
_SUBREAPER, _DIE_WITH_PARENT = 36, 1    # Linux: PR_SET_CHILD_SUBREAPER, PR_SET_PDEATHSIG


class Missing(RuntimeError):
    """There can be no hub here, and why."""


def packages() -> tuple[Path, Path]:
    """A Python that has JupyterHub on top of what this one has, and the proxy's script; kept in build/."""
    if os.name == "nt":
        raise Missing("JupyterHub does not run on Windows")
    npm = shutil.which("npm")
    if not npm or not shutil.which("node"):
        raise Missing("there is no npm here, and JupyterHub's proxy comes from there")
    build = ROOT / "build"
    build.mkdir(exist_ok=True)
    with (build / "hub.lock").open("w") as lock:    # tests of two files may ask at once
        import fcntl

        fcntl.flock(lock, fcntl.LOCK_EX)
        try:
            return environment("hub", *PACKAGES), _proxy(build / "hub-proxy", npm)
        except NotInstalled as error:
            raise Missing(str(error)) from error


def _proxy(folder: Path, npm: str) -> Path:
    script = folder / "node_modules" / "configurable-http-proxy" / "bin" / "configurable-http-proxy"
    if not script.exists():
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "package.json").write_text('{"private": true}')
        _run(npm, "install", "--no-audit", "--no-fund", "--ignore-scripts", PROXY, cwd=folder)
    return script


def _run(*command: object, cwd: Path = ROOT) -> str:
    done = subprocess.run([str(each) for each in command], cwd=cwd, capture_output=True, encoding="utf-8", timeout=300)
    if done.returncode:
        raise Missing(f"{command[0]} failed: {(done.stdout + done.stderr)[-500:]}")
    return done.stdout


# Read after the configuration that is to be tried: other accounts, free ports, all files in one folder.
_OVERRIDES = """
import os
load_subconfig({config!r})
c.JupyterHub.authenticator_class = "dummy"
c.Authenticator.allow_all = True
c.JupyterHub.spawner_class = "simple"
c.SimpleLocalProcessSpawner.home_dir_template = {folder!r} + "/homes/{{username}}"
c.JupyterHub.bind_url = "http://127.0.0.1:{public}"
c.JupyterHub.hub_bind_url = "http://127.0.0.1:{hub}"
c.ConfigurableHTTPProxy.api_url = "http://127.0.0.1:{api}"
c.ConfigurableHTTPProxy.command = [{node!r}, {proxy!r}]
c.ConfigurableHTTPProxy.pid_file = {folder!r} + "/proxy.pid"
c.Spawner.args += ["--allow-root"] if os.geteuid() == 0 else []
c.JupyterHub.db_url = "sqlite:///" + {folder!r} + "/hub.sqlite"
c.JupyterHub.cookie_secret_file = {folder!r} + "/cookie_secret"
c.Spawner.environment = {{
    **c.Spawner.environment,
    **{environment!r},
    # short: a Unix socket's path has at most about 100 bytes
    "JUPYTER_RUNTIME_DIR": lambda spawner: {folder!r} + "/run/" + spawner.user.name,
}}
"""


class Hub:
    """A running hub: `url` is where learners come in. `end` stops it with everything that it has started."""

    def __init__(self, folder: Path, *, seconds: float = 60) -> None:
        from zmqlive.stage import Endpoints

        self.folder = folder
        python, proxy = packages()
        with contextlib.closing(Endpoints()) as held:    # reserved until the hub's own sockets are bound beside them
            public, hub, api = (int(held.get("tcp").rpartition(":")[2]) for _ in range(3))
            self.url = f"http://127.0.0.1:{public}"
            self._prepare(python, proxy, public=public, hub=hub, api=api)
            # in a session of its own: what is sent to the program and its group must not end the guard
            self._guard = subprocess.Popen([sys.executable, __file__, str(folder)], stdin=subprocess.PIPE,
                                           start_new_session=True, env=os.environ | {"PYTHONPATH": str(ROOT / "tests")})
            try:
                self._wait(seconds)
            except BaseException:
                self.end()
                raise

    def _prepare(self, python: Path, proxy: Path, **ports: int) -> None:
        for name in ("homes", "run", "tmp"):
            (self.folder / name).mkdir(parents=True)
        share = Path(sys.prefix) / "share" / "jupyter"
        environment = {
            MARK: str(self.folder), "TMPDIR": str(self.folder / "tmp"),
            # the hub's environment stands on top of this one, whose kernel and JupyterLab it uses
            "JUPYTER_PATH": str(share), "JUPYTERLAB_DIR": str(share / "lab"), "JUPYTER_PREFER_ENV_PATH": "1",
        }
        config = self.folder / "jupyterhub_config.py"
        config.write_text(_OVERRIDES.format(config=str(CONFIG), folder=str(self.folder), node=shutil.which("node"),
                                            proxy=str(proxy), environment=environment, **ports))
        kept = ("LANG", "LC_ALL", "OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE")
        env = {name: os.environ[name] for name in kept if name in os.environ}
        env |= environment | {"HOME": str(self.folder), "PATH": f"{python.parent}{os.pathsep}{os.environ['PATH']}"}
        command = [str(python), "-m", "jupyterhub", "--config", str(config)]
        (self.folder / "command.json").write_text(json.dumps({"command": command, "env": env}))

    def _wait(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if self._guard.poll() is not None:
                break
            with contextlib.suppress(OSError):
                urlopen(f"{self.url}/hub/health", timeout=5).close()
                return
            time.sleep(0.1)
        raise RuntimeError(f"the hub did not start: {self.log()[-3000:]}")

    def log(self) -> str:
        """What the hub and all that it started have written."""
        return (self.folder / "hub.log").read_text(errors="replace")

    def processes(self) -> list[psutil.Process]:
        """The hub and everything below it that runs now."""
        with contextlib.suppress(psutil.NoSuchProcess):
            return psutil.Process(self._guard.pid).children(recursive=True)
        return []

    def end(self) -> None:
        """End all, and wait until it has."""
        self._guard.stdin.close()
        self._guard.wait(30)


@contextlib.contextmanager
def open_hub() -> Iterator[Hub]:
    """A hub in a temporary folder of its own, which is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="hub-", dir="/tmp", ignore_cleanup_errors=True) as folder:
        hub = Hub(Path(folder))
        try:
            yield hub
        finally:
            hub.end()


def left_of(folder: Path) -> list[psutil.Process]:
    """Processes that a hub in this folder has started, wherever they stand now."""
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if process.environ().get(MARK) == str(folder) and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
    return found


# --- the guard


def guard(folder: Path) -> None:
    """Run the hub until standard input ends, then end whatever it has started."""
    linux = sys.platform == "linux"
    if linux:
        ctypes.CDLL(None).prctl(_SUBREAPER, 1, 0, 0, 0)     # whose parent dies becomes a child of this process
    told = json.loads((folder / "command.json").read_text())

    def die_with_guard() -> None:
        os.setsid()
        if linux:
            ctypes.CDLL(None).prctl(_DIE_WITH_PARENT, signal.SIGTERM)

    with (folder / "hub.log").open("w") as log:
        hub = subprocess.Popen(told["command"], cwd=folder, env=told["env"], stdin=subprocess.DEVNULL, stdout=log,
                               stderr=log, preexec_fn=die_with_guard)
    over, wanted_by = threading.Event(), os.getppid()
    threading.Thread(target=lambda: (sys.stdin.read(), over.set()), daemon=True).start()
    while not over.wait(0.2) and hub.poll() is None:
        pass
    hub.terminate()
    with contextlib.suppress(subprocess.TimeoutExpired):
        hub.wait(GRACE)
    end = time.monotonic() + 20
    while (left := _below(folder)) and time.monotonic() < end:
        for process in left:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        psutil.wait_procs(left, timeout=1)
    if os.getppid() != wanted_by:       # it was killed, and cannot tidy up
        shutil.rmtree(folder, ignore_errors=True)


def _below(folder: Path) -> list[psutil.Process]:
    below = psutil.Process().children(recursive=True)
    return below or ([] if sys.platform == "linux" else left_of(folder))


if __name__ == "__main__":
    guard(Path(sys.argv[1]))
    os._exit(0)     # the thread that reads standard input may still wait
