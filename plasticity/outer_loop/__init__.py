"""The outer loop: plasticity parameters searched over a distribution of tasks.

A search is handed a callable ``evaluate(values, seed) -> score``; it knows nothing of models.
"""

from .biological import Biological, Loops
from .cma_es import CMAES
from .execution import Execution, execution
from .optimiser import Optimiser
from .random_search import RandomSearch
from .search import Found, Search, run_search, run_searches
from .search_space import SearchSpace
