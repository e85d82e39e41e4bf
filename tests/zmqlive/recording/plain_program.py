"""A small program in plain pyzmq: two workers square numbers. It knows nothing of a record (see test_recorder)."""

import threading

import zmq


def worker(context: zmq.Context, tasks: str, results: str) -> None:
    with context.socket(zmq.PULL) as source, context.socket(zmq.PUSH) as sink:
        source.connect(tasks)
        sink.connect(results)
        while (task := source.recv_json()) is not None:
            sink.send_json([task, task * task])


def main() -> int:
    context = zmq.Context()
    with context.socket(zmq.PUSH) as tasks, context.socket(zmq.PULL) as results:
        to = f"tcp://127.0.0.1:{tasks.bind_to_random_port('tcp://127.0.0.1')}"
        back = f"tcp://127.0.0.1:{results.bind_to_random_port('tcp://127.0.0.1')}"
        workers = [threading.Thread(target=worker, args=(context, to, back)) for _ in range(2)]
        for thread in workers:
            thread.start()
        for number in range(100):
            tasks.send_json(number)
        total = sum(results.recv_json()[1] for _ in range(100))
        while any(thread.is_alive() for thread in workers):     # one that has ended takes no second end
            try:
                tasks.send_json(None, zmq.NOBLOCK)
            except zmq.Again:
                pass
            for thread in workers:
                thread.join(0.01)
        tasks.linger = 0
    context.term()
    return total


if __name__ == "__main__":
    print(main())
