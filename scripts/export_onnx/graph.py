"""An ONNX graph in the making, and its file."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, external_data_helper, helper, numpy_helper

FUSED = "com.microsoft"
# Of an int8 weight.
LARGEST = 64


class Graph:
    """Nodes and constants; every method gives the name of a value."""

    def __init__(self, store: str = "fp32"):
        self.nodes, self.constants, self.store = [], [], store
        self.scalars: dict[str, str] = {}

    def op(self, kind: str, inputs: Sequence[str], outputs: int | Sequence[str] = 1, domain: str = "", **attributes):
        at = len(self.nodes)
        names = [f"{kind}_{at}_{i}" for i in range(outputs)] if isinstance(outputs, int) else list(outputs)
        self.nodes.append(helper.make_node(kind, list(inputs), names, domain=domain, **attributes))
        return names[0] if len(names) == 1 else names

    def constant(self, value: np.ndarray) -> str:
        name = f"constant_{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.asarray(value, order="C"), name))
        return name

    def integers(self, value: int | list[int]) -> str:
        return self.constant(np.array(value, np.int64))

    def scalar(self, value: np.generic) -> str:
        """A number, once in the graph."""
        key = repr(value)
        if key not in self.scalars:
            self.scalars[key] = self.constant(np.array(value))
        return self.scalars[key]

    def vector(self, value: np.ndarray) -> str:
        return self.constant(value.astype(np.float32))

    def table(self, value: np.ndarray) -> str:
        """A matrix to look rows up in. fp16 is storage: it is turned to fp32 when the graph is loaded."""
        if self.store == "fp16":
            return self.op("Cast", [self.constant(value.astype(np.float16))], to=TensorProto.FLOAT)
        return self.vector(value)

    def linear(self, x: str, weight: np.ndarray) -> str:
        """x times the transpose of a weight of [out, in]."""
        return self.rounded(x, weight) if self.store == "int8" else self.op("MatMul", [x, self.table(weight.T)])

    def rounded(self, x: str, weight: np.ndarray) -> str:
        """The same in int8: every row of the weight and every row of x by a scale of its own, so that no row of x
        depends on another. Weights go to 64, not to 127: on processors without VNNI two products at a time are added
        in 16 bits, and 2 * 255 * 64 is the most that fits."""
        most = np.maximum(np.abs(weight).max(axis=1), 1e-12).astype(np.float32)
        matrix = np.round(weight * (LARGEST / most[:, None])).astype(np.int8).T
        one, middle = self.scalar(np.float32(1)), self.scalar(np.uint8(128))
        largest = self.op("ReduceMax", [self.op("Abs", [x]), self.integers([-1])], keepdims=1)
        scale = self.op("Mul", [self.op("Max", [largest, self.scalar(np.float32(1e-12))]), self.scalar(np.float32(1 / 127))])
        row = self.op("QuantizeLinear", [self.op("Div", [x, scale]), one, middle])
        inputs = [row, self.constant(matrix), one, self.vector(most / LARGEST), middle]
        return self.op("Mul", [self.op("MatMulIntegerToFloat", inputs, 1, FUSED), scale])


def info(name: str, shape: list, kind: int = TensorProto.INT64):
    return helper.make_tensor_value_info(name, kind, shape)


def save(g: Graph, name: str, inputs: list, outputs: list, path: Path, weights_in: Path | None = None) -> None:
    """Writes the graph. Of constants whose bytes stand in the file `weights_in` beside it, only the place is written."""
    if weights_in is not None:
        data = weights_in.read_bytes()
        for constant in g.constants:
            at = data.find(constant.raw_data)
            if len(constant.raw_data) >= 256 and at >= 0:
                external_data_helper.set_external_data(constant, weights_in.name, at, len(constant.raw_data))
                constant.ClearField("raw_data")
    opsets = [helper.make_opsetid("", 18), helper.make_opsetid(FUSED, 1)]
    graph = helper.make_graph(g.nodes, name, inputs, outputs, g.constants)
    model = helper.make_model(graph, opset_imports=opsets, ir_version=9, producer_name="thinkset")
    if model.ByteSize() >= 2**31 - 2**20:
        raise SystemExit(f"{path}: the graph would be larger than 2 GB; put a model of this size behind a server")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(model.SerializeToString())
