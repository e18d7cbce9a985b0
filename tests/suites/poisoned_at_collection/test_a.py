import wallet

wallet.network = "test"


def test_pays():
    assert wallet.network
