"""Works on tasks. worker.py TASKS RESULTS SECONDS"""
import sys
import time

import zmq

context = zmq.Context()
tasks = context.socket(zmq.PULL)
tasks.connect(sys.argv[1])
results = context.socket(zmq.PUSH)
results.connect(sys.argv[2])
while True:
    task = tasks.recv()
    print(task.decode())
    time.sleep(float(sys.argv[3]))
    results.send(b"done " + task)
