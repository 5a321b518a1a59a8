"""Everything that solves many times: what-ifs, sweeps, planning week after week, stress."""
