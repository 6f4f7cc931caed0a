"""Dopamine neurons that each change their own firing to predict."""
