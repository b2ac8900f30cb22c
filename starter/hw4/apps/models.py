"""The course's models in one place, under the name that their users import."""

from language_model import LanguageModel
from resnet9 import ResNet9

__all__ = ["LanguageModel", "ResNet9"]
