"""`check`, `hint` and `todo`: three states, one verdict object, no exception but in strict mode."""

from __future__ import annotations

import json

import lessons
import pytest
import zmq
from zmqcourse.exercise import COLOUR, MIME, Wrong, progress
from zmqcourse.exercise import checking as exercises
from zmqcourse.exercise.checking import NotSolved, check, exercise, hint, judge, todo
from zmqcourse.trial import expect_type


@pytest.fixture(autouse=True)
def one_exercise(monkeypatch: pytest.MonkeyPatch) -> None:
    """Exercise 98.1 wants the number 3; hints start anew."""
    monkeypatch.setattr(exercises, "_exercises", {found.id: found for found in exercises.every()})
    monkeypatch.setattr(exercises, "_hints_shown", {})

    @exercise("98.1", title="Three", hints=("It is odd.", "It is prime.", "It is `3`."))
    def three(number) -> None:
        if callable(number):
            number = number()
        expect_type(number, int, "the number")
        if number != 3:
            raise Wrong(
                "that is not it",
                tried=f"`{number} == 3`",
                seen="`False`",
                expected="`True`",
                look="the picture above",
            )


def test_a_right_answer_is_solved() -> None:
    verdict = judge("98.1", 3)
    assert (verdict.state, verdict.message) == ("solved", "")
    assert str(verdict) == "✔ 98.1 solved: Three"


def test_a_wrong_answer_says_what_was_tried_seen_and_expected_and_where_to_look() -> None:
    verdict = judge("98.1", 4)
    assert verdict.state == "wrong"
    assert verdict.message == (
        "that is not it. Tried: `4 == 3`. Seen: `False`. Expected: `True`. Look at: the picture above."
    )
    assert "    look at:  the picture above" in str(verdict).splitlines()


@pytest.mark.parametrize("answer", [..., [1, ...], {"a": (2, ...)}])
def test_dots_are_to_do(answer: object) -> None:
    assert judge("98.1", answer).state == "todo"


def test_a_stub_is_to_do_with_its_own_words() -> None:
    def stub() -> int:
        todo("find the number")

    verdict = judge("98.1", stub)
    assert (verdict.state, verdict.message) == ("todo", "find the number.")


def test_no_answer_is_to_do_and_shows_how_to_ask() -> None:
    verdict = judge("98.1")
    assert verdict.state == "todo"
    assert '`check("98.1", number)`' in verdict.message


def test_too_many_answers_are_wrong() -> None:
    assert judge("98.1", 3, 3).state == "wrong"


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (SystemExit(1), "SystemExit"),
        (zmq.Again(), "no message to receive or no room to send"),
        (zmq.ZMQError(zmq.EFSM), "REQ sends, then receives"),
        (zmq.ContextTerminated(), "context was terminated"),
        (zmq.ZMQError(zmq.ENOTSOCK), "closed already"),
        (zmq.ZMQError(zmq.ENOTSUP), "PULL or SUB only receives"),
        (zmq.ZMQError(zmq.EINVAL, "Invalid argument (addr='tcp:/x')"), "tcp://127.0.0.1:5555"),
        (zmq.ZMQError(zmq.EADDRINUSE, "Address already in use (addr='tcp://127.0.0.1:1')"), "connect instead of bind"),
        (TypeError("unicode not allowed, use send_string"), "text.encode()"),
        (NameError("name 'zmqq' is not defined"), "missing import"),
        (ZeroDivisionError("division by zero"), "ZeroDivisionError: division by zero"),
    ],
)
def test_whatever_an_answer_raises_becomes_a_sentence(error: BaseException, says: str) -> None:
    namespace: dict[str, object] = {"error": error}
    lessons.run_cell("def answer():\n    raise error", namespace)
    verdict = judge("98.1", namespace["answer"])
    assert verdict.state == "wrong"
    assert says in verdict.message
    assert "Traceback" not in str(verdict)


def test_the_wrong_type_is_told_as_such() -> None:
    assert "is `None`: is a `return` missing?" in judge("98.1", None).message
    assert "is `'3'`, a `str`" in judge("98.1", "3").message
    assert "a `bool`" in judge("98.1", True).message


def test_an_unknown_exercise_says_which_was_meant() -> None:
    verdict = judge("98.2", 3)
    assert verdict.state == "wrong"
    assert verdict.message == 'there is no exercise "98.2"; did you mean "98.1"?'
    assert "\n" not in str(judge("nonsense"))


def test_check_shows_the_verdict_once_and_returns_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    assert check("98.1", 4) is None
    assert capsys.readouterr().out.count("98.1 not yet: that is not it") == 1


def test_strict_mode_raises_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ZMQCOURSE_STRICT", "1")
    check("98.1", 3)
    with pytest.raises(NotSolved, match=r"98\.1 not yet: that is not it") as raised:
        check("98.1", 4)
    assert raised.value._render_traceback_() == [str(raised.value)]
    assert "\n" not in str(raised.value)


def test_hints_say_more_each_time(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path
) -> None:
    monkeypatch.setenv("ZMQCOURSE_PROGRESS", str(tmp_path / "p.json"))
    said = []
    for _ in range(4):
        hint("98.1")
        said.append(capsys.readouterr().out)
    assert [line.splitlines()[0] for line in said[:3]] == [
        "Hint 1 of 3: It is odd.",
        "Hint 2 of 3: It is prime.",
        "Hint 3 of 3: It is `3`.",
    ]
    assert "That was the last hint; the folded solution below the exercise" in said[2]
    assert said[3] == said[2]
    assert progress.load()["exercises"]["98.1"]["hints"] == 3
    hint("98.9")
    assert 'did you mean "98.1"' in capsys.readouterr().out


def test_the_verdict_has_text_html_and_data() -> None:
    bundle = judge("98.1", "<b>3</b>")._repr_mimebundle_()
    assert set(bundle) == {"text/plain", "text/html", MIME}
    assert set(bundle[MIME]) == {"exercise", "state", "message"}
    assert json.loads(json.dumps(bundle[MIME]))["state"] == "wrong"
    assert "<b>3</b>" not in bundle["text/html"]
    assert "<code>" in bundle["text/html"]


@pytest.mark.parametrize("colour", COLOUR.values())
def test_the_badges_can_be_read(colour: str) -> None:
    """White on the badge: at least 4.5 to 1, as WCAG asks for (AA)."""

    def linear(channel: float) -> float:
        return channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4

    red, green, blue = (linear(int(colour[i : i + 2], 16) / 255) for i in (1, 3, 5))
    luminance = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    assert 1.05 / (luminance + 0.05) > 4.5
