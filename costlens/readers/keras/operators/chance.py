"""Operations that draw random values; what is computed from these counts, as what is computed from inputs."""

from costlens.readers.keras.operators._operator import Operator

_DRAWS = (
    "Multinomial", "ParameterizedTruncatedNormal", "RandomGamma", "RandomPoissonV2", "RandomShuffle",
    "RandomStandardNormal", "RandomUniform", "RandomUniformInt", "TruncatedNormal", "StatelessMultinomial",
    "StatelessRandomBinomial", "StatelessRandomGammaV2", "StatelessRandomGammaV3", "StatelessRandomNormal",
    "StatelessRandomNormalV2", "StatelessRandomPoisson", "StatelessRandomUniform", "StatelessRandomUniformV2",
    "StatelessRandomUniformInt", "StatelessRandomUniformIntV2", "StatelessRandomUniformFullInt",
    "StatelessRandomUniformFullIntV2", "StatelessTruncatedNormal", "StatelessTruncatedNormalV2", "StatelessShuffle",
)  # fmt: skip
_STATES = (
    "StatelessRandomGetKeyCounter", "StatelessRandomGetAlg", "StatelessRandomGetKeyCounterAlg", "RngReadAndSkip",
    "RngSkip",
)  # fmt: skip

OPERATORS = {
    **dict.fromkeys(_DRAWS, Operator(chance=True)),
    **dict.fromkeys(_STATES, Operator(makes_data=False)),
}
