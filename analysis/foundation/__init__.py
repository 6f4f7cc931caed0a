"""What every room stands on: mistakes, endings, whole files and locks, result folders, seeds, progress."""
