import wallet


def test_goes_back():
    wallet.network = "main"


def test_needs_main():
    assert wallet.network == "main"
