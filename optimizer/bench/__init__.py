"""Measures formulations, peers and baselines on the same instances; results that can be resumed and compared."""
