"""Where the runs of a sweep are made: in this process, in a pool of processes, on a Dask cluster."""
