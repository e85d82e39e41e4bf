"""The folder that `run` and `watch` put on a program's PYTHONPATH; of its files Python takes `sitecustomize`."""
