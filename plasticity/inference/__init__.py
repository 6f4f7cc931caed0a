"""Which rule is it: coefficients of the family of rules, inferred from what subjects chose and got."""
