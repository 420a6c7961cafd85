"""An ONNX file → the same file with its convolutions in other kinds, by what the kinds of ``network/variants`` say."""

from costlens.rewriting.figures import Figures
from costlens.rewriting.file import Convolutions, look
from costlens.rewriting.forms import Form, forms
from costlens.rewriting.plan import Plan, plan
from costlens.rewriting.sites import Site

__all__ = ["Convolutions", "Figures", "Form", "Plan", "Site", "forms", "look", "plan"]
