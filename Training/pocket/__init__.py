"""Trains the weights of the `pocket` pipeline. Training/README.md tells of the data and the order of the stages."""
