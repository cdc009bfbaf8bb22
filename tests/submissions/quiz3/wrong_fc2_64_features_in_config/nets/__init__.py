from .residual import Residual
from .classifier import build_classifier

__all__ = ["Residual", "build_classifier"]
