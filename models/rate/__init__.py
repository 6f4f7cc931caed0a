"""Feed-forward rate networks in which one step is one trial: network, circuit, training."""
