"""Changed worlds as records and files: patches of an instance, and disturbances that are drawn."""
