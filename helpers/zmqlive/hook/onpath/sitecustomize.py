"""Found by every Python that starts with this folder on its path: lets a program be recorded that knows nothing of it.

Nothing is imported here but what a starting Python has anyway. With ZMQLIVE in the environment it waits until the
program imports `zmq`, and only then loads the lab; without, it does nothing. Python imports one `sitecustomize`: where
there is another one further down the path, it has its turn as well.
"""

import importlib.machinery
import importlib.util
import os
import sys

_HERE = os.path.dirname(os.path.abspath(__file__))
_LAB = os.path.dirname(os.path.dirname(_HERE))


class _WhenZmqIsImported:
    """Stands in front of Python's finders until `zmq` is asked for."""

    @staticmethod
    def find_spec(name, path=None, target=None):
        if name != "zmq":
            return None
        sys.meta_path.remove(_WhenZmqIsImported)
        spec = importlib.util.find_spec(name)
        if spec is not None and spec.loader is not None:
            run = spec.loader.exec_module

            def exec_module(module):
                run(module)
                _begin()

            spec.loader.exec_module = exec_module
        return spec


def _begin():
    """Record. Whatever goes wrong here is no reason for the program not to run."""
    try:
        if "zmqlive" not in sys.modules:
            importlib.util.find_spec("zmqlive") or _lend()
        importlib.import_module("zmqlive.hook").begin()
    except Exception as error:
        print(f"zmqlive: this program is not recorded: {error!r}", file=sys.stderr)


def _lend():
    """The program's own environment has no lab: give it this one, and nothing of what lies beside it."""
    spec = importlib.util.spec_from_file_location("zmqlive", os.path.join(_LAB, "__init__.py"),
                                                  submodule_search_locations=[_LAB])
    module = sys.modules["zmqlive"] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)


def _next_one():
    rest = [entry for entry in sys.path if os.path.abspath(entry or ".") != _HERE]
    spec = importlib.machinery.PathFinder.find_spec("sitecustomize", rest)
    if spec is not None and spec.loader is not None:
        spec.loader.exec_module(importlib.util.module_from_spec(spec))


if os.environ.get("ZMQLIVE") and "zmq" not in sys.modules:
    sys.meta_path.insert(0, _WhenZmqIsImported)
if __name__ == "sitecustomize":
    _next_one()
