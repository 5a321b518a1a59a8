"""Changed worlds as records and files: patches of an instance."""
