"""Answers to the exercises of lesson 25, right and wrong. See ../lessons.py for the form."""

SETUP = """
import math
import queue
from zmq.utils.monitor import recv_monitor_message
"""

CASES = {"25.1": {"right": {}, "wrong": {}}, "25.2": {"right": {}, "wrong": {}}, "25.3": {"right": {}, "wrong": {}}}
