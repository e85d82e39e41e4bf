"""pyzmq's own tests, run on plain and on recorded sockets: what passes plain must pass recorded.

The source distribution of the installed release is fetched once from PyPI (pip's ordinary way) and kept under
`build/`. Where that cannot be, the test is skipped and says why. With gevent installed, its sockets' tests run too.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
import zmq
from environments import ROOT
from machine import PATIENCE
from zmqlive.recording.packed import native

HERE = Path(__file__).parent
KEPT = ROOT / "build" / f"pyzmq-{zmq.__version__}-tests"
LEFT_OUT = {
    "test_cython.py": "compiles an extension",
    "test_includes.py": "looks for files of the C library",
    "test_imports.py": "is about the package's files, and counts what was imported",
    "test_mypy.py": "is about types",
    "test_ssh.py": "needs an ssh server",
    "test_log.py": "subscribes and reads in one thread: over tcp it waits for ever with plain pyzmq, too",
    "test_cffi_backend.py": "is about PyPy's backend",
}
# These pass plain and may fail recorded.
DIFFERENT: dict[str, str] = {}
# Our classes in the place of pyzmq's share all but the context with `record`: of those tests, these.
CONTEXTS = ("test_context.py", "test_socket.py", "test_multipart.py", "test_pair.py", "test_reqrep.py",
            "test_pubsub.py", "test_poll.py", "test_asyncio.py", "test_decorators.py")
LIMIT = 10 * PATIENCE       # it takes 40 seconds on a quiet machine


def fetched() -> Path:
    """pyzmq's tests in a folder. Skips the test, with pip's reason, when they cannot be had."""
    if KEPT.is_dir():
        return KEPT
    KEPT.parent.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=KEPT.parent) as folder:
        pip = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps",
               "--no-binary", "pyzmq", f"pyzmq=={zmq.__version__}", "--retries", "1", "--timeout", "10",
               "--dest", folder]
        try:
            subprocess.run(pip, check=True, timeout=PATIENCE, capture_output=True)
        except (subprocess.SubprocessError, OSError) as error:
            said = (getattr(error, "stderr", b"") or b"").decode(errors="replace").strip() or str(error)
            pytest.skip(f"pyzmq {zmq.__version__}'s source distribution could not be had: {said[-300:]}")
        tests = Path(folder) / "tests"
        tests.mkdir()
        with tarfile.open(next(Path(folder).glob("*.tar.gz"))) as archive:
            for member in archive:
                if re.fullmatch(r"[^/]+/tests/\w+\.py", member.name) and (file := archive.extractfile(member)):
                    (tests / Path(member.name).name).write_bytes(file.read())
        conftest = tests / "conftest.py"        # its time limit works only as a number
        conftest.write_text(conftest.read_text().replace('os.environ.get("ZMQ_TEST_TIMEOUT")',
                                                         'int(os.environ.get("ZMQ_TEST_TIMEOUT") or 0)'))
        (tests / "pytest.ini").write_text("[pytest]\naddopts = --import-mode=importlib\npythonpath = .\n"
                                          "markers =\n    large: x\n    new_console: x\n    wheel: x\n    asyncio: x\n")
        try:
            tests.rename(KEPT)
        except OSError:         # another run was quicker
            shutil.rmtree(tests, ignore_errors=True)
    return KEPT


def start(sockets: str, report: Path, *tests: str, in_c: bool = False) -> subprocess.Popen[bytes]:
    env = os.environ | {"PYZMQ_SOCKETS": sockets, "ZMQ_TEST_TIMEOUT": "45", "ZMQLIVE_NATIVE": "1" if in_c else "0",
                        "PYTHONPATH": os.pathsep.join([str(HERE), *sys.path])}
    env.pop("PYTEST_ADDOPTS", None)
    ignore = [f"--ignore={name}" for name in LEFT_OUT]
    command = [sys.executable, "-m", "pytest", "-p", "pyzmq_plugin", "-p", "no:zmqcourse", "-p", "no:cacheprovider",
               "-p", "no:xdist", "-q", "-m", "not large", "--timeout=60", f"--junitxml={report}", *ignore]
    return subprocess.Popen([*command, *tests], cwd=KEPT, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT)


def outcomes(process: subprocess.Popen[bytes], report: Path) -> dict[str, str]:
    """What became of each test, by its name as pytest takes it."""
    try:
        process.wait(LIMIT)
    finally:
        process.kill()
        process.wait()
    found = {}
    for case in ET.parse(report).iter("testcase"):
        module, _, group = case.get("classname", "").partition(".")
        name = "::".join(part for part in (f"{module}.py", group, case.get("name", "")) if part)
        bad = next((child for child in case if child.tag in ("failure", "error", "skipped")), None)
        found[name] = f"{bad.tag}: {bad.get('message', '')[:300]}" if bad is not None else "passed"
    return found


@pytest.mark.thorough
@pytest.mark.parametrize("way", ["native", "Python"])
def test_pyzmqs_own_tests(tmp_path: Path, way: str) -> None:
    if (in_c := way == "native") and not native.fast:
        pytest.skip(native.why)
    fetched()
    runs = {"plain": start("plain", tmp_path / "plain"), "record": start("record", tmp_path / "record", in_c=in_c),
            "classes": start("classes", tmp_path / "classes", *CONTEXTS, in_c=in_c)}
    results = {sockets: outcomes(run, tmp_path / sockets) for sockets, run in runs.items()}
    plain = {name for name, outcome in results["plain"].items() if outcome == "passed"}
    print(f"\npyzmq {zmq.__version__}: {len(plain)} of its tests pass plain")
    assert len(plain) > 250
    for sockets in ("record", "classes"):
        passed = {name for name, outcome in results[sockets].items() if outcome == "passed"}
        due = {name for name in plain if sockets == "record" or name.startswith(CONTEXTS)}
        left = due - passed - DIFFERENT.keys()
        if left:        # many of them sleep a fixed time: once more, alone, tells a difference from bad luck
            again = outcomes(start(sockets, tmp_path / "again", *left, in_c=in_c), tmp_path / "again")
            left = {name for name in left if again.get(name) != "passed"}
        print(f"{sockets}: {len(due & passed)} of {len(due)} pass, {len(due - passed - left)} on a second try or known")
        assert not left, {name: results[sockets].get(name, "was not run") for name in left}
