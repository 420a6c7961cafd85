from costlens.arithmetic.shapes import Shape, Size, show
from costlens.errors import ShapeError
from costlens.network.fields import field
from costlens.network.layers._base import Tensor, Toolkit
from costlens.network.layers._movement import Movement


class Slice(Movement):
    """Slice of one axis, by default the channels: ``(H, W, C) -> (H, W, size)``; costs traffic only.

    Kept are ``start``, ``start + step``, …: ``size`` of them, or those before ``end``, or those up to the last.
    """

    start: int = field(default=0, description="the first one kept, counted from 0, or back from the last, which is -1")
    size: Size | None = field(default=None, example=4, description="how many are kept; all to the end unless given")
    end: int | None = field(default=None, description="instead of size: the first one not kept, counted as start is")
    step: Size = field(default=1, description="from one that is kept to the next")
    axis: int = field(default=-1, description="the axis cut: 0 is the first one after the batch, -1 the channels")

    def misfits(self) -> dict[str, str]:
        if self.size is not None and self.end is not None:
            return {"size": f"expected size or end, not both (end is {self.end})"}
        return {} if self.chosen().keys() - {"axis"} else {"size": "expected size, end, start or step"}

    def output_shape(self, shape: Shape, *more: Shape) -> Shape:
        rank = len(shape)
        if not -rank <= self.axis < rank:
            raise ShapeError(f"slice: expected an axis from {-rank} to {rank - 1}, received {self.axis}")
        axis = self.axis % rank
        return (*shape[:axis], len(self._kept(shape)), *shape[axis + 1 :])

    def _kept(self, shape: Shape) -> range:
        """Return the places that are kept of the axis; ShapeError where there are none, or not as many."""
        whole, of = shape[self.axis], f"axis {self.axis} of {show(shape)}"
        start = self.start + whole if self.start < 0 else self.start
        if self.size is None:
            end = whole if self.end is None else self.end + whole if self.end < 0 else self.end
            if not 0 <= start < end <= whole:
                asked = f"start (={self.start})" + ("" if self.end is None else f" to end (={self.end})")
                raise ShapeError(f"slice: {asked}: {of} has {whole} values, and at least one must be kept")
            return range(start, end, self.step)
        end = start + (self.size - 1) * self.step + 1
        if not 0 <= start < end <= whole:
            steps = "" if self.step == 1 else f" in steps of {self.step}"
            raise ShapeError(f"slice: start (={self.start}) + size (={self.size}){steps} is {end}, {of} has {whole}")
        return range(start, end, self.step)

    def to_keras(self, k: Toolkit, name: str, tensor: Tensor, *more: Tensor) -> Tensor:
        kept = self._kept(tuple(tensor.shape[1:]))
        whole = (slice(None),) * (1 + self.axis % (len(tensor.shape) - 1))
        part = slice(kept.start, kept.stop, kept.step)
        return k.layers.Lambda(lambda x: x[(*whole, part)], name=name)(tensor)
