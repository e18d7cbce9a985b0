//! Real pytest and unittest suites: collect, run an order, search.
