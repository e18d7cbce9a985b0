import time

import queue_of_jobs


def test_adds():
    queue_of_jobs.jobs.append(1)


def test_empty():
    time.sleep(0.6)
    assert not queue_of_jobs.jobs


def test_still_empty():
    time.sleep(0.6)
    assert not queue_of_jobs.jobs
