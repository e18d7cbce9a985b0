"""The messages between taster and a process: commands in as lines of words, messages out as lines of JSON.

Run by plugin.py in a namespace of its own before anything else, for CPython 3.6 and later. JSON is written and read
here because the suite may check whether the json module is loaded.
"""

import os

ESCAPED = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f"}
WORDS = {"null": None, "true": True, "false": False}


def quoted(text):
    """JSON for a string, ASCII only."""
    out = []
    for character in text:
        code = ord(character)
        if character in '"\\':
            out.append("\\" + character)
        elif 32 <= code < 127:
            out.append(character)
        elif 0xD800 <= code < 0xE000:
            out.append("\\ufffd")
        elif code > 0xFFFF:
            code -= 0x10000
            out.append("\\u%04x\\u%04x" % (0xD800 + (code >> 10), 0xDC00 + (code & 0x3FF)))
        else:
            out.append("\\u%04x" % code)
    return '"' + "".join(out) + '"'


def encoded(value):
    """JSON for the values that messages contain."""
    if value is None:
        return "null"
    if value is True or value is False:
        return "true" if value else "false"
    if isinstance(value, int):
        return "%d" % value
    if isinstance(value, str):
        return quoted(value)
    if isinstance(value, dict):
        return "{" + ",".join(quoted(key) + ":" + encoded(each) for key, each in value.items()) + "}"
    return "[" + ",".join(encoded(each) for each in value) + "]"


class Reader:
    """Reads JSON as taster writes it: no spaces between its parts, no numbers."""

    def __init__(self, text):
        self.text = text
        self.at = 0

    def value(self):
        """The value that begins here; the reader then stands behind it."""
        first = self.text[self.at]
        if first == '"':
            return self.string()
        if first == "{":
            return dict(self.parts("}", self.entry))
        if first == "[":
            return list(self.parts("]", self.value))
        for word, value in WORDS.items():
            if self.text.startswith(word, self.at):
                self.at += len(word)
                return value
        raise ValueError("no JSON at %d of %r" % (self.at, self.text))

    def parts(self, end, part):
        """The parts between brackets, separated by commas."""
        found = []
        self.at += 1
        while self.text[self.at] != end:
            found.append(part())
            if self.text[self.at] == ",":
                self.at += 1
        self.at += 1
        return found

    def entry(self):
        key = self.string()
        self.at += 1
        return key, self.value()

    def string(self):
        out = []
        self.at += 1
        while self.text[self.at] != '"':
            character = self.text[self.at]
            self.at += 1
            if character == "\\":
                character = self.escaped()
            out.append(character)
        self.at += 1
        return "".join(out)

    def escaped(self):
        """The character of an escape; taster writes no surrogate pairs."""
        character = self.text[self.at]
        self.at += 1
        if character == "u":
            self.at += 4
            return chr(int(self.text[self.at - 4 : self.at], 16))
        return ESCAPED.get(character, character)


def decoded(text):
    """The value of a JSON text."""
    return Reader(text).value()


class Channel:
    """Commands in, messages out. System calls are saved now: a test may replace those of `os`."""

    def __init__(self, commands, messages):
        self._commands = commands
        self._messages = messages
        self._read = os.read
        self._write = os.write
        self._buffer = b""

    def send(self, message, **fields):
        data = (encoded(dict(fields, m=message)) + "\n").encode("ascii")
        while data:
            data = data[self._write(self._messages, data) :]

    def line(self):
        """The next line of commands as words, or None if there is none."""
        while b"\n" not in self._buffer:
            data = self._read(self._commands, 65536)
            if not data:
                return None
            self._buffer += data
        line, self._buffer = self._buffer.split(b"\n", 1)
        return line.decode("ascii").split()

    def block(self):
        """One command: the words of its lines by the first word of each, or None if there are no more commands."""
        block = {}
        while True:
            words = self.line()
            if words is None:
                return None
            if words == ["go"]:
                return block
            block[words[0]] = words[1:]


class Silence:
    """A channel to nobody."""

    def send(self, message, **fields):
        pass


def text_of(word):
    """The text of a word of hexadecimal digits: texts may contain anything."""
    return bytes.fromhex(word[1:]).decode("utf-8", "surrogateescape")


def value_of(word):
    """The value of a word: the text of its JSON."""
    return decoded(text_of(word))
