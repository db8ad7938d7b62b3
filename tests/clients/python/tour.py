"""What all tours share: the questions, and one way to print."""

import pathlib

QUESTIONS = [
    block.strip().rstrip(";")
    for block in (pathlib.Path(__file__).parents[3] / "demo/questions.sql").read_text("utf-8").split("\n\n")
    if block.strip()
][:3]


def show(title, value):
    """One line for a value, one a row for rows."""
    if isinstance(value, (list, tuple)) and not isinstance(value, str):
        print(f"{title}: {len(value)}")
        for row in value:
            print("   ", row)
    else:
        print(f"{title}: {value!r}")


def attempt(title, action, errors):
    """What an action gives, or the error that it raises."""
    try:
        show(title, action())
    except errors as error:
        state = getattr(error, "sqlstate", None) or getattr(error, "pgcode", None)
        print(f"{title}: {type(error).__name__} {state} {str(error).strip()}")
