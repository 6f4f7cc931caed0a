"""Players: ideal and standard decision-makers that a learner is held against."""
