"""One block per part of the mathematics; blocks meet only through names."""
