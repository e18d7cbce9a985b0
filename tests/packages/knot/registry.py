"""What plugins enter themselves into."""

ENTRIES = []
