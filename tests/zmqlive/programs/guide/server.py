"""Answers for ever. server.py ENDPOINT"""
import sys

import zmq

context = zmq.Context()
socket = context.socket(zmq.REP)
socket.bind(sys.argv[1])
while True:
    message = socket.recv()
    socket.send(b"re " + message)
