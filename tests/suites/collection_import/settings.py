"""What the other file imports."""

mode = "default"
