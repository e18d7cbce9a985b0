"""A file left in the checkout spoils another test, and would spoil the next run too."""

import os

HERE = os.path.dirname(os.path.abspath(__file__))
LEFT = os.path.join(HERE, "left.txt")


def test_leaves_a_file():
    with open(LEFT, "w") as file:
        file.write("left")


def test_wants_no_file():
    assert not os.path.exists(LEFT)
