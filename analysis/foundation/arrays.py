"""The arrays that every room hands on."""

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
