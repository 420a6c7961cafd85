"""A Keras model → a graph, by what its layers say of themselves."""

from costlens.export.recognition.keras.walk import recognise

__all__ = ["recognise"]
