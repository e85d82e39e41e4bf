"""The static site: every lesson as a page that moves without a kernel.

    python -m zmqcourse site [--out build/site] [--url …] [--source …] [FILES]

Each lesson is run once, as it is, while a listener keeps what its live views show (`recording`, in the lesson's kernel;
`running`, outside). A lesson becomes blocks (`lesson`): prose and code by nbconvert's own converters (`prose`), outputs
(`outputs`), views, sliders, predictions, pictures in steps (`views`, `widgets`, `films`). Templates in ``templates/``
make pages of them (`pages`); the module in ``js/`` replays, asks and remembers. `build` puts it all together.

Nothing here is imported by a lesson's kernel but `recording`, and `films` for it.
"""

__all__ = ["build"]    # a module, read when it is asked for
