"""The course elsewhere: Binder, a dev container, and front ends that run no JavaScript of ours."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pytest
import zmq
from environments import environment
from lessons import ROOT
from machine import PATIENCE
from zmqlive import Stage, show


@pytest.fixture(scope="session")
def repo2docker() -> Path:
    """Binder's builder, in an environment of its own; kept in build/ for the next time."""
    # it asks for tomli before Python 3.11, and does not say so
    return environment("repo2docker", "jupyter-repo2docker", "tomli; python_version < '3.11'", on_top=False)


def test_binder_builds_from_environment_yml(repo2docker: Path, tmp_path: Path):
    """Its builder is asked for the recipe alone, which needs no Docker."""
    for name in ("environment.yml", "pyproject.toml", "README.md"):
        (tmp_path / name).write_bytes((ROOT / name).read_bytes())
    command = [str(repo2docker), "-m", "repo2docker", "--no-build", "--debug", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", timeout=PATIENCE)
    said = done.stdout + done.stderr
    assert done.returncode == 0, said
    copied, installed = said.index("COPY --chown=0:0 src/ ${REPO_DIR}/"), said.index('--file "environment.yml"')
    assert copied < installed, "`-e .` needs the course's files, so they are copied first"


def test_the_hubs_image_is_built_by_the_command_of_its_readme(repo2docker: Path, tmp_path: Path):
    """The course must stand outside the home, which a learner's volume hides."""
    command = re.search(r"^jupyter-repo2docker (.+)$", (ROOT / "deploy/jupyterhub/README.md").read_text(), re.M)[1]
    for name in ("environment.yml", "pyproject.toml", "README.md"):
        (tmp_path / name).write_bytes((ROOT / name).read_bytes())
    assert "--no-run" in command and command.endswith(" --push .")
    options = command.replace("--no-run", "--no-build --debug").removesuffix(" --push .").split()
    done = subprocess.run([str(repo2docker), "-m", "repo2docker", *options, str(tmp_path)], capture_output=True,
                          encoding="utf-8", timeout=PATIENCE)
    said = done.stdout + done.stderr
    assert done.returncode == 0, said
    assert "--target-repo-dir /srv/course" in command and "ARG REPO_DIR" in said    # its builder fills that in


def test_a_dev_container_installs_the_course():
    folder = ROOT / ".devcontainer"
    about = json.loads((folder / "devcontainer.json").read_text(encoding="utf-8"))
    recipe = (folder / about["build"]["dockerfile"]).read_text(encoding="utf-8")
    assert "FROM python:3" in recipe and f"useradd --create-home --shell /bin/bash {about['remoteUser']}" in recipe
    assert "--editable ." in about["postCreateCommand"]
    assert [file for file in about["customizations"]["codespaces"]["openFiles"] if not (ROOT / file).exists()] == []


def test_without_our_javascript_a_view_is_a_still_picture_and_a_sentence():
    """What VS Code, Colab or GitHub fall back to stands in the output itself."""

    def role(ctx: zmq.Context, endpoint: str) -> None:
        with ctx.socket(zmq.PUSH) as push:
            push.bind(endpoint)
            for number in range(3):
                push.send(b"%d" % number)

    def sink(ctx: zmq.Context, endpoint: str) -> None:
        with ctx.socket(zmq.PULL) as pull:
            pull.connect(endpoint)
            while True:
                pull.recv()

    with Stage("Elsewhere", seconds=30) as stage:
        endpoint = stage.endpoint("inproc", name="tasks")
        stage.add(role, endpoint)
        stage.add(sink, endpoint)
        stage.wait(lambda s: s.received("sink") == 3)
        view = show(stage)
        data, _ = view._repr_mimebundle_()
        view.close()
    assert data["image/svg+xml"].lstrip().startswith("<svg") and "sink" in data["image/svg+xml"]
    assert "Elsewhere" in data["text/plain"] and "3" in data["text/plain"]
