"""Asks and waits for each answer. client.py ENDPOINT COUNT"""
import sys

import zmq

context = zmq.Context()
socket = context.socket(zmq.REQ)
socket.connect(sys.argv[1])
for number in range(int(sys.argv[2])):
    socket.send(b"question %d" % number)
    socket.recv()
print("answered")
