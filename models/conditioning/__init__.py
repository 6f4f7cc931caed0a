"""Pavlovian conditioning: time cells, a critic and dopamine neurons."""
