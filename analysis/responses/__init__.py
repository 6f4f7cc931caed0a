"""What neurons fire: responses to rewards, rates about events, reversal points, unit coding."""
