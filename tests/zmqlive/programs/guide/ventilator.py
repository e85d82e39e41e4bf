"""Hands out tasks once the workers are there. ventilator.py TASKS COUNT"""
import sys

import zmq

context = zmq.Context()
tasks = context.socket(zmq.PUSH)
tasks.bind(sys.argv[1])
input("Press Enter when the workers are ready\n")
for number in range(int(sys.argv[2])):
    tasks.send_string(f"task {number}")
print("all handed out")
tasks.close()
context.term()
