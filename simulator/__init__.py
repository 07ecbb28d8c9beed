"""A server that speaks Instagram's wire in a deterministic, made-up world. It stands alone; see docs/simulator.md."""
