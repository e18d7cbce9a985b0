"""A script that only runs as one."""

if __name__ == "__main__":
    raise SystemExit("it ran")
