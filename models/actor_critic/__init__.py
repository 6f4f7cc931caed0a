"""Spiking actor-critics taught by one dopamine broadcast, and what runs them."""
