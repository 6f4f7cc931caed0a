"""What subjects choose: staying, kernels, regressions, and fits of models of choice."""
