"""Other solvers and other ways to state the problem, measured beside our own on the same instances."""

from optimizer.peers.registry import PEERS, Peer

__all__ = ["PEERS", "Peer"]
