"""JupyterHub for a class on one machine.

    jupyterhub --config deploy/jupyterhub/jupyterhub_config.py

On The Littlest JupyterHub, put this file without its first part into jupyterhub_config.d. The tests run a class on this
very file, with another authenticator, free ports and homes in a temporary folder (tests/zmqcourse/teaching/hub.py).
"""

import os
import random
import socket
import sys

c = get_config()  # noqa: F821    JupyterHub puts it here

# --- whose hub this is: change these

# Accounts of this machine, by PAM. Others (GitHub, LTI of a learning platform …) are packages of their own.
c.JupyterHub.authenticator_class = "pam"
c.Authenticator.allow_all = False
c.Authenticator.allowed_users = set()  # {"ada", "grace"}
c.Authenticator.admin_users = set()
# Only this machine: put a server with TLS in front of it.
c.JupyterHub.bind_url = "http://127.0.0.1:8000"

# --- what the course needs

# Who starts a server gets the lessons that are missing in their home, and begins with the first one.
python = sys.executable  # the one that has both the course and JupyterHub
c.Spawner.cmd = [python, "-m", "zmqcourse", "home", "--then", python, "-m", "jupyterhub.singleuser"]
c.Spawner.default_url = "/lab/tree/notebooks/00-start-here.ipynb"
c.Spawner.environment = {"ZMQCOURSE_PROGRESS": "~/.zmqcourse-progress.json"}
c.Spawner.args = [
    # A lesson costs memory until its kernel ends: an hour after its page was closed. A server without kernels ends
    # after two.
    "--MappingKernelManager.cull_idle_timeout=3600",
    "--MappingKernelManager.cull_interval=300",
    "--ServerApp.shutdown_no_activity_timeout=7200",
]


def choose_addresses(spawner):
    """A port for the server, and Unix sockets for its kernels, that nobody else is given.

    Both take seconds until they listen, and a port that the system only looked up for them may be another program's by
    then. It hands out the higher ones (from 32,768 on, or 49,152), so the server gets a lower one. A kernel would need
    five; files cannot be mixed up, and other accounts cannot open them. Their paths must not be longer than about 100.
    """
    while True:
        spawner.port = random.randrange(12_000, 32_000)
        with socket.socket() as free:
            if free.connect_ex(("127.0.0.1", spawner.port)) and spawner.port not in taken.values():
                taken[spawner.user.name] = spawner.port
                break
    home = os.path.expanduser(f"~{spawner.user.name}")
    files = "--ConnectionFileMixin.transport=ipc"
    if len(f"{home}/.local/share/jupyter/runtime/kernel--ipc-1") + 36 < 100 and files not in spawner.args:
        spawner.args = [*spawner.args, files]


taken = {}
c.Spawner.pre_spawn_hook = choose_addresses
# Twenty that begin at once share few cores: give them time.
c.Spawner.start_timeout = 300
c.Spawner.http_timeout = 300
c.JupyterHub.concurrent_spawn_limit = 20
