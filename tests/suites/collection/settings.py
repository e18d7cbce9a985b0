"""What both files share."""

mode = "default"
