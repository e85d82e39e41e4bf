"""28.3: find the fault: pictures that change after they were sent; mended without a copy."""

from __future__ import annotations

import json
import random as randoms
from typing import Any, NamedTuple

import numpy as np
import zmq

from ...exercise import Wrong, exercise
from ...trial import Job, Trial, show, trial

CALM = 0.12  # quiet seconds without a new picture after which the answer waits for the receiver
EARLY = 3  # how many pictures it is waited for, before the receiver takes all


class Make(NamedTuple):
    """What pictures a camera takes."""

    shape: tuple[int, ...]
    dtype: str
    count: int


MAKES = (
    Make((300, 400), "uint8", 12),
    Make((120, 160, 3), ">u2", 12),
    Make((40, 30), "uint8", 12),  # below the threshold
    Make((70_000,), "float64", 5),
)


@exercise(
    "28.3",
    title="Find the fault: pictures of two moments",
    hints=(
        "With `copy=False` libzmq sends what is in the array *when it gets round to it*. Who writes to the array by "
        "then? Why did nobody notice with the small pictures of the tests?",
        "So an array must be left alone until libzmq has done with it. Either it is never written to again, or "
        "something tells that it may be.",
        "The first: a new array for each picture; pyzmq keeps it alive for as long as libzmq needs it. The second: "
        "`push.send(…, copy=False, track=True)` gives a tracker, for `tracker.wait()` or `tracker.done`; without "
        "`track=True` there is none.",
    ),
)
def pictures_of_one_moment(mended) -> str:
    """`mended(push, camera, count)`: sends so many pictures, as header and pixels."""
    pictures = 0
    for make in MAKES:
        with trial(seconds=12) as t:
            pictures += _sends(t, mended, make)
    return f"{pictures} pictures of {len(MAKES)} kinds: each as it was taken, the large ones without a copy"


class Camera:
    """Fills arrays with pictures, each of which can be told from all others."""

    def __init__(self, make: Make) -> None:
        self.shape, self.dtype = make.shape, np.dtype(make.dtype)
        self.places: list[int] = []

    def fill(self, image: Any) -> None:
        """Takes a picture into this array."""
        if not isinstance(image, np.ndarray) or image.shape != self.shape or image.dtype != self.dtype:
            got = f"{image.shape} {image.dtype}" if isinstance(image, np.ndarray) else show(image)
            expected = f"an array of shape {self.shape} and type {self.dtype.str}"
            raise Wrong("the camera was given something that it does not fit into", seen=got, expected=expected)
        image[...] = self.picture(len(self.places))
        self.places.append(_place(image))

    def picture(self, number: int) -> np.ndarray:
        """The picture of this number."""
        pixels = np.arange(np.prod(self.shape)) % 97 + 1 + 7 * number
        return pixels.astype(self.dtype).reshape(self.shape)


def _place(image: np.ndarray) -> int:
    return image.__array_interface__["data"][0]


def _sends(t: Trial, mended: Any, make: Make) -> int:
    camera = Camera(make)
    pull, endpoint = t.bind(zmq.PULL, "inproc://pictures")
    push = t.connect(zmq.PUSH, endpoint)
    job = t.start(mended, push, camera, make.count, name="mended")
    tried = f"{make.count} pictures of {make.shape} {camera.dtype.str}, and a receiver that takes its time"
    for number in range(make.count):
        if number < EARLY:
            _waits(t, camera, job)
        _arrives(t, pull, camera, number, tried)
    t.finish(job)
    t.silence(pull, seconds=0.02, expected=f"{make.count} pictures")
    return make.count


def _waits(t: Trial, camera: Camera, job: Job) -> None:
    """Until it has ended, or takes no more pictures before one is taken from it."""
    calm, taken = t.deadline(CALM), -1
    while not job.wait(0.005) and not calm.over:
        if len(camera.places) != taken:
            calm, taken = t.deadline(CALM), len(camera.places)


def _arrives(t: Trial, pull: zmq.Socket[Any], camera: Camera, number: int, tried: str) -> None:
    t.wait(lambda: pull.poll(0), expected="a picture", said="a picture did not come")
    parts = pull.recv_multipart(copy=False)
    if len(parts) != 2:
        raise Wrong("that is no header and pixels", tried=tried, seen=f"{len(parts)} frames", expected="two")
    header, pixels = parts
    _described(header.bytes, camera, tried)
    wanted = camera.picture(number)
    if len(pixels.buffer) != wanted.nbytes:
        seen, expected = f"{len(pixels.buffer):,} bytes", f"{wanted.nbytes:,}"
        raise Wrong("those are not all the pixels of a picture", tried=tried, seen=seen, expected=expected)
    image = np.frombuffer(pixels.buffer, camera.dtype).reshape(camera.shape)
    if not np.array_equal(image, wanted):
        later = [n for n in range(len(camera.places)) if np.array_equal(image, camera.picture(n))]
        seen = f"picture {later[0]} in place of {number}" if later else f"pixels of none of them in place of {number}"
        raise Wrong("a picture has changed after it was sent", tried=tried, seen=seen, expected="each as it was taken")
    if wanted.nbytes >= zmq.COPY_THRESHOLD and _place(image) not in camera.places:
        raise Wrong(
            "a large picture was copied on its way",
            tried=tried,
            seen="its pixels stand elsewhere than where the camera put them",
            expected="the array itself is sent: that was the point",
        )


def _described(header: bytes, camera: Camera, tried: str) -> None:
    try:
        told = json.loads(header)
        same = tuple(told["shape"]) == camera.shape and np.dtype(told["dtype"]) == camera.dtype
    except (ValueError, TypeError, KeyError):
        same = False
    if not same:
        expected = json.dumps({"dtype": camera.dtype.str, "shape": camera.shape})
        seen = f"`{show(header)}`"
        raise Wrong("the header does not describe the array", tried=tried, seen=seen, expected=f"`{expected}`")


# --- the same for longer


def soak(mended, random: randoms.Random, seconds: float) -> str:
    """Cameras of random kinds."""
    runs = pictures = 0
    whole = randoms.Random(random.random())
    until = None
    while until is None or not until.over:
        with trial(seconds=30) as t:
            shape = tuple(whole.choice((1, 3, 40, 300)) for _ in range(whole.randint(1, 3)))
            make = Make(shape, whole.choice(("uint8", ">i4", "float32")), whole.randrange(1, 20))
            until = until or t.deadline(seconds)
            pictures += _sends(t, mended, make)
            runs += 1
    return f"{runs} cameras, {pictures:,} pictures: each as it was taken"
