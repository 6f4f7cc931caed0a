"""Teams of stochastic neurons that vote, each an agent of its own."""
