"""Networks of the literature, built layer by layer."""

from __future__ import annotations

from costlens.network.graph import Graph
from tests.cases.networks import MOBILENET, alexnet, graph, mobilenet, site, torchvision_alexnet, vgg, yamnet

SHALLOW = (*MOBILENET[:6], *MOBILENET[11:])


AS_PRINTED = (*MOBILENET[:12], (2, 1024))


BARE = {"kernel": 3, "bias": False}


BY_HAND: dict[str, Graph] = {
    # row of classic_totals.csv: graph
    **{
        f"MobileNetV1 {alpha}-{size}": mobilenet(alpha=alpha, image=(size, size, 3))
        for alpha in (1.0, 0.75, 0.5, 0.25)
        for size in (224, 192, 160, 128)
    },
    "Conv MobileNet (full 3x3 convs)": mobilenet(kind="standard"),
    "Shallow MobileNet (five 14x14x512 blocks removed)": mobilenet(stages=SHALLOW),
    "MobileNetV1 as the printed table (s2 on the 1024 dw taken literally)": mobilenet(stages=AS_PRINTED),
    "YAMNet": yamnet(),
    "YAMNet table read literally: 3-channel first filter": yamnet(image=(96, 64, 3)),
    "YAMNet table read literally: last dw stride 2": yamnet(stages=AS_PRINTED),
    **{f"VGG-{letter}": vgg(letter) for letter in "ABCDE"},
    "AlexNet original (2 groups, 227 in)": alexnet(2),
    "AlexNet ungrouped (227 in)": alexnet(1),
    "AlexNet torchvision (one-weird-trick, 224 in pad 2)": torchvision_alexnet(),
    "paper T3 conv 14x14 512->512": graph((14, 14, 512), site("conv", filters=512, **BARE)),
    "paper T3 dws": graph((14, 14, 512), site("conv", kind="separable", filters=512, **BARE)),
    "paper T3 dws a=.75": graph((14, 14, 384), site("conv", kind="separable", filters=384, **BARE)),
    "paper T3 dws a=.75 rho=.714": graph((10, 10, 384), site("conv", kind="separable", filters=384, **BARE)),
}
