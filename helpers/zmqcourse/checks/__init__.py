"""The checks, one file a lesson: what must hold of the learner's code, shown on real sockets."""
