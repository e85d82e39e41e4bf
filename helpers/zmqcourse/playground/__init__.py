"""The playground: a system of sockets described in a few lines, as plain pyzmq that runs and is watched.

    play('''
    client x 3: REQ connects front, every 0.3
    broker:     ROUTER binds front, DEALER binds back
    worker x 2: REP connects back, works 0.5, mark 5
    line front: tcp, latency 0.05
    ''')

A role is `name: SOCKET binds|connects LINE`, at most two of these, then, in any order: `every S` (seconds from one
message of its own to the next), `works S` (seconds for each that it takes), `mark N` (high-water mark), `topics A B …`.
`x N` behind a name makes so many of it. A line is tcp unless it says `inproc` or `ipc`; a tcp line may have weather:
`latency` and `jitter` in seconds, `bandwidth` in bytes a second. `#` begins a remark.

`description` reads the lines and `fitting` looks whether they fit together; both raise `Mistake` with one sentence.
`program` writes the pyzmq; `playing` runs that very text on a stage.
"""

from __future__ import annotations

from .description import Mistake, System, read
from .playing import Playground, play
from .program import write

__all__ = ["Mistake", "Playground", "System", "play", "read", "write"]
