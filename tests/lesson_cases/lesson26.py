SETUP = "import socket\nfrom uuid import uuid4\n"
CASES = {}
