"""JupyterHub for a class on one machine.

    jupyterhub --config deploy/jupyterhub/jupyterhub_config.py

On The Littlest JupyterHub, put this file's second part into its folder jupyterhub_config.d. The tests run a class on
this very file, with another authenticator, free ports and homes in a temporary folder (tests/hub.py).
"""

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
    # A kernel needs five ports, and two that start at one moment may choose the same one. Files cannot be mixed up,
    # and other accounts of the machine cannot open them.
    "--ConnectionFileMixin.transport=ipc",
    # A lesson left open costs memory until its kernel ends: after an hour in which nobody used it; a server without
    # kernels after two.
    "--MappingKernelManager.cull_idle_timeout=3600",
    "--MappingKernelManager.cull_interval=300",
    "--ServerApp.shutdown_no_activity_timeout=7200",
]


def choose_port(spawner):
    """A port for a server that nobody else is given: the system hands out higher ones (from 32,768 on, or 49,152).

    A server takes seconds until it listens, and a port that the system only looked up may be another program's by then.
    """
    while True:
        spawner.port = random.randrange(12_000, 32_000)
        with socket.socket() as free:
            if free.connect_ex(("127.0.0.1", spawner.port)) and spawner.port not in taken.values():
                taken[spawner.user.name] = spawner.port
                return


taken = {}
c.Spawner.pre_spawn_hook = choose_port
# Twenty that begin at once share few cores: give them time.
c.Spawner.start_timeout = 300
c.Spawner.http_timeout = 300
c.JupyterHub.concurrent_spawn_limit = 20
