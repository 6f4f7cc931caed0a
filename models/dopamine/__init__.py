"""The dopamine system: neurons that broadcast the TD error, and the synapse that hears them."""
