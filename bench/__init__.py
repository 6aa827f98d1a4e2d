"""Benchmarks beside their floors: the product and the least that the machine could do, measured in pairs in the same run."""
