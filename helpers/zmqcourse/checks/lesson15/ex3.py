"""15.3: a customer who repeats, and presses that remember: each photo is printed once, whoever dies."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from ...exercise import exercise
from ...trial import trial
from .album import Album
from .customer import no_wishes, with_desks_that_die
from .presses import at_once, one_is_killed


@exercise(
    "15.3",
    title="Survive the fault script",
    hints=(
        "The customer: one order at a time, again and again under the same number, until `[number, b\"printed\"]` is "
        "what it receives. The press: what is in the album already is not printed again, but answered.",
        "REQ_RELAXED and REQ_CORRELATE, or a new REQ for each try, keep old answers out. `INSERT OR IGNORE` in a `with "
        "db:` keeps second prints out (lesson 05), also when two presses have the same job at the same time; the "
        "answer comes after it.",
        "Customer: `while answer != [number, b\"printed\"]:` send, then `with suppress(zmq.Again): answer = "
        "req.recv_multipart()`. Press: `*way, number, photo = req.recv_multipart()`, the `INSERT`, then "
        "`req.send_multipart([*way, number, b\"printed\"])`.",
    ),
)
def each_photo_is_printed_once(customer_who_repeats, press_that_remembers) -> str:
    """The customer repeats under the same number; presses print what is new, and answer everything."""
    with trial() as t:
        no_wishes(t, customer_who_repeats)
    with trial(seconds=10) as t:
        asked = with_desks_that_die(t, customer_who_repeats)
    with TemporaryDirectory(ignore_cleanup_errors=True) as folder, trial(seconds=10) as t:
        album = Album(Path(folder, "album.db"))
        jobs = one_is_killed(t, press_that_remembers, album)
        prints = len(album.prints())
    with TemporaryDirectory(ignore_cleanup_errors=True) as folder, trial(seconds=10) as t:
        album = Album(Path(folder, "album.db"))
        jobs += at_once(t, press_that_remembers, album)
        prints += len(album.prints())
    return (
        f"the customer asked {asked} times and was never taken in by an old answer; a desk and a press were killed; "
        f"{jobs} jobs for the presses, {prints} different photos among them: {prints} prints"
    )
