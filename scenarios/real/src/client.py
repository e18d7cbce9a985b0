"""A client of a service."""

import os

BASE_URL = os.environ.get("SERVICE_URL", "http://localhost:8000/")


class Client:
    def __init__(self, base=BASE_URL):
        self.base = base

    def url(self, path):
        return self.base + path
