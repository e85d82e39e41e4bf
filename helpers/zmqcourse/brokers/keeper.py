"""The process that owns a system's servers and its folder, and takes both away, whatever becomes of the kernel.

    python -I -S keeper.py DEATHWISH

A program of its own: it needs nothing but Python, and the path of the file that makes a process die with its
parent. It makes a temporary folder, names it, and then does what it is told, one line of JSON after another, each
answered by one:

    {"do": "start", "command": [...], "env": {...}}    a server → {"pid": 123}
    {"do": "run", ..., "seconds": 20}                   a command, to its end → {"code": 0, "output": "..."}
    {"do": "alive"}                                     → {"alive": true, "log": "the last lines"}
    {"do": "memory"}                                    → {"mb": 12.3}, of all that it has started
    {"do": "stop"}                                      all ends in order → {}

When nobody is at the other end any more (the kernel was restarted, or killed), all is killed at once. In both
cases the folder goes too. Servers run unprivileged where the kernel is root, and each in a session of its own.
"""

import contextlib
import ctypes
import json
import os
import runpy
import shutil
import signal
import subprocess
import sys
import tempfile
import time

LINUX = sys.platform == "linux"
POSIX = os.name == "posix"
ADOPT = 36  # PR_SET_CHILD_SUBREAPER
NOBODY = 65534
PATIENCE = 5.0  # seconds that a server has to end by itself
prctl = ctypes.CDLL(None).prctl if LINUX else None


class Keeper:
    def __init__(self, die_with_parent):
        self._die_with_parent = die_with_parent
        if prctl:
            prctl(ADOPT, 1, 0, 0, 0)  # what a server leaves behind becomes ours, so that it can be found
        self.user = NOBODY if POSIX and os.geteuid() == 0 else None
        self.folder = tempfile.mkdtemp(prefix="zmqcourse-")
        if self.user:
            os.chown(self.folder, self.user, self.user)
        os.chmod(self.folder, 0o711)  # a server run as nobody must reach its files
        self.log = open(os.path.join(self.folder, "server.log"), "ab")  # noqa: SIM115
        self.servers = []

    # --- what it is told

    def start(self, command, env, **_):
        server = subprocess.Popen(command, stdout=self.log, stderr=self.log, **self._surroundings(command, env))
        self.servers.append(server)
        return {"pid": server.pid}

    def run(self, command, env, seconds=20, **_):
        process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **self._surroundings(command, env)
        )
        try:
            output, _ = process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            output, _ = process.communicate()
        return {"code": process.returncode, "output": output.decode(errors="replace")}

    def alive(self, **_):
        with open(self.log.name, "rb") as log:
            said = log.read()[-1500:].decode(errors="replace")
        return {"alive": all(server.poll() is None for server in self.servers), "log": said}

    def memory(self, **_):
        return {"mb": sum(resident(pid) for pid in descendants()) / 1e6}

    def stop(self, **_):
        for server in reversed(self.servers):
            if server.poll() is None:
                server.terminate()
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end and any(server.poll() is None for server in self.servers):
            time.sleep(0.01)
        self.clear()
        return {}

    def clear(self):
        """Nothing that was started here is running any more, and the folder is gone."""
        for _ in range(50):
            left = [s for s in self.servers if s.poll() is None]
            for server in left:
                kill_session(server.pid)
            others = [pid for pid in descendants() if running(pid)]
            for pid in others:
                kill(pid)
            bury()
            if not left and not others:
                break
            time.sleep(0.02)
        self.log.close()
        for _ in range(5):  # a file may appear while we look
            shutil.rmtree(self.folder, ignore_errors=True)
            if not os.path.exists(self.folder):
                break
            time.sleep(0.05)

    # --- how a server starts

    def _surroundings(self, command, env):
        plain = {"PATH": "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin", "LANG": "C.UTF-8"} if POSIX else os.environ
        env = {**plain, "HOME": self.folder, "TMPDIR": self.folder, **env}
        options = {"cwd": self.folder, "env": env, "stdin": subprocess.DEVNULL}
        if POSIX:
            options.update(start_new_session=True, preexec_fn=self._die_with_parent)
        if self.user and self._may(command[0]):
            options.update(user=self.user, group=self.user, extra_groups=[])
        return options

    def _may(self, program):
        """Whether nobody may run it: an environment in root's own home cannot be entered by others."""
        test = ["test", "-x", program]
        return not os.path.isabs(program) or not subprocess.run(test, user=self.user, group=self.user).returncode


def descendants():
    """The processes below this one. Only Linux can say; elsewhere a server's session must do."""
    if not LINUX:
        return []
    children = {}
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                with open(f"/proc/{name}/stat") as file:
                    parent = int(file.read().rpartition(")")[2].split()[1])
            except (OSError, ValueError):
                continue  # gone this moment
            children.setdefault(parent, []).append(int(name))
    found, front = [], [os.getpid()]
    while front:
        front = [child for pid in front for child in children.get(pid, [])]
        found += front
    return found


def resident(pid):
    """Its memory in bytes, shared pages counted in part where the kernel says so."""
    try:
        with open(f"/proc/{pid}/smaps_rollup") as file:
            return next(int(line.split()[1]) * 1024 for line in file if line.startswith("Pss:"))
    except (OSError, StopIteration):
        return 0


def running(pid):
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


def kill(pid):
    with contextlib.suppress(OSError):
        os.kill(pid, getattr(signal, "SIGKILL", signal.SIGTERM))


def kill_session(pid):
    if POSIX:
        with contextlib.suppress(OSError):
            os.killpg(pid, signal.SIGKILL)
    kill(pid)


def bury():
    """Takes note of the dead: ours, and those that we adopted."""
    try:
        while POSIX and os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        pass


def main():
    keeper = Keeper(runpy.run_path(sys.argv[1])["die_with_parent"])
    print(json.dumps({"folder": keeper.folder}), flush=True)
    try:
        for line in sys.stdin:
            order = json.loads(line)
            try:
                answer = getattr(keeper, order.pop("do"))(**order)
            except OSError as error:
                answer = {"error": f"{type(error).__name__}: {error}"}
            print(json.dumps(answer), flush=True)
            if order.get("last"):
                return
    except (OSError, KeyboardInterrupt):
        pass  # nobody reads any more
    finally:
        if os.path.exists(keeper.folder):
            keeper.clear()


if __name__ == "__main__":
    if POSIX:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # an interrupt of the notebook is not meant for us
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    main()
