"""Gathers results, until none has come for a while. sink.py RESULTS SECONDS"""
import sys

import zmq

context = zmq.Context()
results = context.socket(zmq.PULL)
results.bind(sys.argv[1])
seen = 0
while seen == 0 or results.poll(1000 * int(sys.argv[2])):
    results.recv()
    seen += 1
print(f"{seen} results")
