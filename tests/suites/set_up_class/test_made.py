import unittest


class TestMade(unittest.TestCase):
    made = []

    @classmethod
    def tearDownClass(cls):
        if not cls.made:
            raise ValueError("nothing was made")

    def test_makes(self):
        self.made.append(1)

    def test_plain(self):
        assert True
