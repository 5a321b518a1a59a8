"""Models for other solvers: free MPS and LP files, with names a person can read."""
