"""The configurations for a hub: keys that exist, limits that fit what was measured, objects that Kubernetes takes."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from hub_server import Missing, packages
from lessons import ROOT
from machine import PATIENCE

FOLDER = ROOT / "deploy" / "jupyterhub"
VALUES = (FOLDER / "values.yaml").read_text(encoding="utf-8")
README = (FOLDER / "README.md").read_text(encoding="utf-8")

# What the chart documents (`helm show values`, its configuration reference), for the parts that are used here. A star
# is a name that the user chooses. The chart refuses most of what it does not know, but only in a cluster.
_POLICY = """enabled ingress egress interNamespaceAccessLabels allowedIngressPorts egressAllowRules.cloudMetadataServer
    egressAllowRules.dnsPortsCloudMetadataServer egressAllowRules.dnsPortsKubeSystemNamespace
    egressAllowRules.dnsPortsPrivateIPs egressAllowRules.nonPrivateIPs egressAllowRules.privateIPs"""
_KEYS = {
    "hub": """config.*.* concurrentSpawnLimit consecutiveFailureLimit activeServerLimit allowNamedServers
        namedServerLimitPerUser shutdownOnLogout redirectToServer extraConfig.* extraEnv.* loadRoles services""",
    "singleuser": """podNameTemplate networkTools cloudMetadata.blockWithIptables cloudMetadata.ip events extraLabels
        extraAnnotations extraFiles.*.mountPath extraFiles.*.data extraFiles.*.stringData extraFiles.*.mode extraEnv.*
        lifecycleHooks initContainers extraContainers allowPrivilegeEscalation uid fsGid serviceAccountName storage.type
        storage.capacity storage.homeMountPath storage.extraVolumes storage.extraVolumeMounts image.name image.tag
        image.pullPolicy image.pullSecrets startTimeout cpu.limit cpu.guarantee memory.limit memory.guarantee
        extraResource cmd defaultUrl extraPodConfig profileList""",
    "singleuser.networkPolicy": _POLICY,
    "cull": "enabled users adminUsers removeNamedServers timeout every concurrency maxAge",
    "prePuller": "hook.enabled hook.pullOnlyOnChanges continuous.enabled pullProfileListImages",
    "scheduling": "userScheduler.enabled podPriority.enabled userPlaceholder.enabled userPlaceholder.replicas",
}
KNOWN = {f"{part}.{name}" for part, names in _KEYS.items() for name in names.split()}
PATTERNS = [re.compile(re.escape(key).replace(r"\*", r"[^.]+") + r"(\..*)?") for key in KNOWN]


def unknown(values: Any) -> list[str]:
    """Keys of a values file that the chart does not document."""
    return [path for path in leaves(values) if not any(pattern.fullmatch(path) for pattern in PATTERNS)]


def leaves(values: Any, path: str = "") -> Iterator[str]:
    if not isinstance(values, dict) or not values:
        yield path
        return
    for key, below in values.items():
        yield from leaves(below, f"{path}.{key}" if path else str(key))


def singleuser() -> dict[str, Any]:
    return yaml.safe_load(VALUES)["singleuser"]


def test_the_chart_knows_all_keys():
    assert unknown(yaml.safe_load(VALUES)) == []


@pytest.mark.parametrize(("old", "new"), [
    ("guarantee: 400M", "guaranty: 400M"),
    ("defaultUrl:", "defaultURL:"),
    ("lifecycleHooks:", "lifeCycleHooks:"),
    ("allowedIngressPorts:", "ingressPorts:"),
    ("every: 300", "interval: 300"),
    ("singleuser:\n", "singleUser:\n"),
])
def test_a_key_that_the_chart_does_not_know_is_found(old: str, new: str):
    assert VALUES.count(old) >= 1
    assert unknown(yaml.safe_load(VALUES.replace(old, new, 1))) != []


def megabytes(text: str) -> float:
    number, unit = re.fullmatch(r"(\d+)([MG])", text).groups()
    return int(number) * {"M": 1, "G": 1000}[unit]


def test_the_limits_follow_from_the_figures_beside_them():
    """Guaranteed is what three open lessons take, and twelve may be open before the limit is reached."""
    measured = {}
    for name in ("server", "kernel", "learner"):
        line = re.search(rf"#   {name} +(\d+) MB RSS, +(\d+) MB PSS, +(\d+) MB USS", VALUES)
        measured[name] = dict(zip(("rss", "pss", "uss"), map(int, line.groups()), strict=True))
    memory, cpu = singleuser()["memory"], singleuser()["cpu"]
    assert abs(measured["server"]["pss"] + 3 * measured["kernel"]["pss"] - measured["learner"]["pss"]) < 10
    assert measured["learner"]["pss"] <= megabytes(memory["guarantee"]) <= 1.5 * measured["learner"]["rss"]
    assert megabytes(memory["limit"]) >= measured["server"]["pss"] + 12 * measured["kernel"]["pss"]
    share = float(re.search(r"a learner had ([\d.]+) of a core", VALUES)[1])
    assert share <= cpu["guarantee"] <= 3 * share and cpu["limit"] >= 1


def test_no_learner_may_connect_to_another():
    policy = singleuser()["networkPolicy"]
    assert policy["enabled"] and policy["ingress"] == policy["allowedIngressPorts"] == []
    assert policy["interNamespaceAccessLabels"] == "ignore"     # else pods of other namespaces may, if labelled so
    assert not policy["egressAllowRules"]["privateIPs"]


def test_both_hubs_begin_with_the_first_lesson_and_keep_progress_in_the_home():
    config = (FOLDER / "jupyterhub_config.py").read_text(encoding="utf-8")
    first = min((ROOT / "notebooks").glob("[0-9][0-9]-*.ipynb")).name
    assert singleuser()["defaultUrl"] == f"/lab/tree/notebooks/{first}" and f'"/lab/tree/notebooks/{first}"' in config
    assert singleuser()["extraEnv"]["ZMQCOURSE_PROGRESS"].startswith("/home/jovyan/") and '"~/.zmqcourse-' in config
    assert "python -m zmqcourse home" in str(singleuser()["lifecycleHooks"]) and '"zmqcourse", "home"' in config


def test_the_readme_and_the_values_speak_of_the_same_things():
    image = singleuser()["image"]
    assert f"yours/{image['name']}:{image['tag']}" in README and "--target-repo-dir /srv/course" in README
    assert "/srv/course" in VALUES
    by_hand = re.findall(r"--set ([\w.]+)=", README)
    assert len(by_hand) > 2 and [path for path in by_hand if not any(each.fullmatch(path) for each in PATTERNS)] == []


@pytest.mark.thorough
def test_kubernetes_takes_the_objects_of_a_learner():
    """Made by the spawner that the chart uses; held against Kubernetes' own schemas."""
    try:
        python, _ = packages()
    except Missing as why:
        pytest.skip(str(why))
    command = [str(python), str(Path(__file__).with_name("deploy_pod.py")), str(FOLDER / "values.yaml")]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", timeout=PATIENCE)
    assert done.returncode == 0, done.stderr
    pod, claim, options = json.loads(done.stdout)
    container = pod["spec"]["containers"][0]
    assert container["resources"] == {"requests": {"cpu": 0.1, "memory": 400 * 2**20},
                                      "limits": {"cpu": 2.0, "memory": 2**30}}
    assert container["lifecycle"]["postStart"]["exec"]["command"][-1].startswith("python -m zmqcourse home")
    assert container["workingDir"] == "/home/jovyan"    # and not the image's, where nothing stays
    assert {"name": "JUPYTERHUB_ROOT_DIR", "value": "/home/jovyan"} in container["env"]
    assert container["securityContext"]["allowPrivilegeEscalation"] is False
    assert claim["kind"] == "PersistentVolumeClaim" and claim["spec"]["resources"]["requests"]["storage"] == "1Gi"
    assert set(re.findall(r"SharedPasswordAuthenticator\.(\w+)=", README)) <= set(options)
