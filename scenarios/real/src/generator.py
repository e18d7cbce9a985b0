"""Generates a module with a class for a message and its fields."""

import os

_TEMPLATE = '''"""Generated from the message {name}. Do not edit."""

FIELDS = {fields!r}


class Message(object):
    __slots__ = FIELDS

    def __init__(self, {arguments}):
{assignments}
'''


def generate(directory, name, fields):
    """Writes `name`.py; `fields` are the types of the fields by their names."""
    names = sorted(fields)
    text = _TEMPLATE.format(
        name=name,
        fields=names,
        arguments=", ".join(names),
        assignments="\n".join("        self.{0} = {0}".format(each) for each in names),
    )
    with open(os.path.join(directory, name + ".py"), "w") as file:
        file.write(text)
