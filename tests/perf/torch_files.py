"""Write networks of torchvision as ONNX files, as their users export them, for ``from_torch.py``.

Run where torch, torchvision and onnxscript are installed, which costlens does not need:
``python tests/perf/torch_files.py FOLDER [NAME…]``. Weights are random; statistics of norms are drawn, so that none of
them is a norm that does nothing. ``facts.json`` holds what torchvision says of each network.
"""

import json
import sys
from pathlib import Path

import torch
import torchvision

NAMES = (
    "alexnet", "convnext_tiny", "densenet121", "efficientnet_b0", "efficientnet_v2_s", "googlenet", "inception_v3",
    "maxvit_t", "mnasnet0_5", "mnasnet1_0", "mobilenet_v2", "mobilenet_v3_large", "mobilenet_v3_small",
    "regnet_x_400mf", "regnet_y_400mf", "resnet18", "resnet50", "resnext50_32x4d", "shufflenet_v2_x0_5",
    "shufflenet_v2_x1_0", "squeezenet1_0", "squeezenet1_1", "swin_t", "vgg11_bn", "vit_b_16", "wide_resnet50_2",
)  # fmt: skip
SIZES = {"efficientnet_v2_s": 384, "inception_v3": 299}
"""Those that torchvision's figures are of, where it is not 224."""
WITH_EXITS = ("googlenet", "inception_v3")
"""Networks that have further outputs while they are trained."""
EXPORTERS = {"dynamo": {"dynamo": True, "external_data": False}, "script": {"dynamo": False, "opset_version": 17}}


def network(name: str) -> torch.nn.Module:
    """Return a network with random weights."""
    torch.manual_seed(0)
    more = {"init_weights": False, "aux_logits": False} if name in WITH_EXITS else {}
    made = torchvision.models.get_model(name, weights=None, **more).eval()
    for part in made.modules():
        if isinstance(part, torch.nn.BatchNorm2d):
            part.running_mean.normal_(0, 0.1)
            part.running_var.uniform_(0.5, 1.5)
            part.weight.data.uniform_(0.5, 1.5)
            part.bias.data.normal_(0, 0.1)
    return made


def main(folder: Path, names: tuple[str, ...]) -> None:
    """Write each network by each exporter, and the facts."""
    folder.mkdir(parents=True, exist_ok=True)
    facts = {}
    for name in names:
        told = torchvision.models.get_model_weights(name).DEFAULT.meta
        facts[name] = {"parameters": told["num_params"], "gmacs": told["_ops"]}
        size = SIZES.get(name, 224)
        made, image = network(name), torch.rand(1, 3, size, size)
        for exporter, options in EXPORTERS.items():
            path = folder / f"{name}-{exporter}.onnx"
            if not path.exists():
                torch.onnx.export(made, (image,), str(path), verbose=False, **options)
                print(path, flush=True)
    (folder / "facts.json").write_text(json.dumps(facts, indent=1))


if __name__ == "__main__":
    main(Path(sys.argv[1]), tuple(sys.argv[2:]) or NAMES)
