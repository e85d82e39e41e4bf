"""The Kubernetes objects of one learner, as the spawner of Zero to JupyterHub makes them from our values; validated.

Prints them, and then the options that the authenticator knows.

Run by a Python that has KubeSpawner and kubernetes-validate (`hub_server.packages`): python deploy_pod.py VALUES
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import tempfile
from pathlib import Path

import yaml

# Which option of the spawner the chart sets from which value, below `singleuser`.
OPTIONS = {
    "cpu.guarantee": "cpu_guarantee", "cpu.limit": "cpu_limit",
    "memory.guarantee": "mem_guarantee", "memory.limit": "mem_limit",
    "defaultUrl": "default_url", "startTimeout": "start_timeout", "lifecycleHooks": "lifecycle_hooks",
    "extraEnv": "environment", "image.pullPolicy": "image_pull_policy", "storage.capacity": "storage_capacity",
    "allowPrivilegeEscalation": "allow_privilege_escalation",
}
# A cluster that nobody asks anything.
NO_CLUSTER = """
{"current-context": "none", "contexts": [{"name": "none", "context": {"cluster": "none", "user": "none"}}],
 "clusters": [{"name": "none", "cluster": {"server": "https://127.0.0.1:1"}}], "users": [{"name": "none", "user": {}}]}
"""


def value(of: dict, path: str) -> object:
    for key in path.split("."):
        of = of[key]
    return of


async def objects(values: dict) -> list[dict]:
    """Pod and volume claim."""
    from kubernetes_asyncio.client import ApiClient
    from kubespawner import KubeSpawner

    singleuser = values["singleuser"]
    spawner = KubeSpawner(_mock=True, cmd=["jupyterhub-singleuser"], uid=1000, fs_gid=100, storage_pvc_ensure=True)
    for path, option in OPTIONS.items():
        setattr(spawner, option, value(singleuser, path))
    for option, chosen in values["hub"]["config"]["KubeSpawner"].items():
        assert spawner.has_trait(option), option
        setattr(spawner, option, chosen)
    spawner.image = f"{singleuser['image']['name']}:{singleuser['image']['tag']}"
    made = [await spawner.get_pod_manifest(), spawner.get_pvc_manifest()]
    client = ApiClient()
    try:
        return [client.sanitize_for_serialization(each) for each in made]
    finally:
        await client.close()


def main(values: str) -> None:
    import kubernetes_validate
    from jupyterhub.authenticators.shared import SharedPasswordAuthenticator

    with tempfile.NamedTemporaryFile("w", suffix=".json") as config:
        config.write(NO_CLUSTER)
        config.flush()
        os.environ["KUBECONFIG"] = config.name
        made = asyncio.run(objects(yaml.safe_load(Path(values).read_text(encoding="utf-8"))))
    for each in made:
        kubernetes_validate.validate(each, kubernetes_validate.latest_version(), strict=True)
    print(json.dumps([*made, SharedPasswordAuthenticator.class_trait_names(config=True)]))


if __name__ == "__main__":
    main(sys.argv[1])
