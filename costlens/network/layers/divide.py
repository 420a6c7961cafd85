from costlens.network.layers._elementwise import Arithmetic


class Divide(Arithmetic):
    """Divide the first tensor by the next, or by a constant: ``(...), (...), … -> (...)``; n - 1 FLOPs an element."""

    also_called = ("div", "truediv")
    word = "divide"

    def misfits(self) -> dict[str, str]:
        return {"value": "expected another number than 0"} if self.value == 0 else {}
