"""A layer of spiking neurons that learns from a broadcast reward: network, circuit, gradient."""
