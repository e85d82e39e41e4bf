"""The lessons of the course in their order, those still to come among them."""

from __future__ import annotations

# part, then (number, title) of each of its lessons
PLAN: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = (
    (
        "Queues",
        (
            ("00", "Start here"),
            ("01", "Why do queues form?"),
            ("02", "What is a message queue?"),
            ("03", "Which message queue?"),
            ("04", "Why ZeroMQ?"),
        ),
    ),
    (
        "Promises and pressure",
        (
            ("05", "Will it arrive?"),
            ("06", "What happens when the consumer is slow?"),
        ),
    ),
    (
        "The patterns",
        (
            ("07", "REQ/REP"),
            ("08", "REQ/REP behind a load balancer"),
            ("09", "PUB/SUB"),
            ("10", "PUB/SUB through a forwarder"),
            ("11", "PUSH/PULL map/reduce"),
            ("12", "PUSH/PULL fair queue"),
            ("13", "PUSH/PULL pipeline"),
            ("14", "ROUTER/DEALER"),
            ("15", "Mixed"),
            ("16", "PAIR, inproc and threads"),
        ),
    ),
    (
        "Reliability",
        (
            ("17", "Nobody answers: ask again?"),
            ("18", "Dead, or only busy?"),
            ("19", "Who can do this?"),
            ("20", "What survives the crash?"),
            ("21", "Which of two?"),
            ("22", "Is it the same table everywhere?"),
            ("23", "At whose pace?"),
        ),
    ),
    (
        "In production",
        (
            ("24", "What is on the wire?"),
            ("25", "Is anyone there?"),
            ("26", "What changes across machines?"),
            ("27", "Who may talk?"),
            ("28", "How fast?"),
            ("29", "Messages change: does it still work?"),
            ("30", "What is your kernel made of?"),
            ("31", "Does it keep its word?"),
        ),
    ),
)
