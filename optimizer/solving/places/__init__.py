"""Where independent parts of a solve are worked on: in this process, in processes beside it, on a Dask cluster."""
