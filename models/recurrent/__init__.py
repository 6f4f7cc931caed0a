"""Recurrent networks shaped over many episodes by one broadcast, which then learn in their activity."""
