"""Rows of the layer kinds of sequences, as the tables of ``network/test_layers.py`` have them: figures by hand."""

from typing import Any

from costlens.arithmetic.shapes import Shape

LAYERS: list[tuple[str, dict[str, Any], list[Shape], Shape, int, int, int, int]] = [
    # kind, fields, inputs, output, trainable, non-trainable, MACs, FLOPs
    # recurrent: kernels of input and state at every step; per unit and step biases, gates' sums, 4 a sigmoid, 5 a tanh
    ("lstm", {"units": 4}, [(6, 5)], (4,), (5 + 4)*16 + 16, 0, 6*144, 2*864 + 6*4*(4 + 4 + 12 + 10 + 3 + 1)),
    ("lstm", {"units": 4, "return_sequences": True, "bias": False, "inner": "relu"}, [(6, 5)], (6, 4),
     144, 0, 864, 1728 + 24*(4 + 12 + 2 + 4)),
    ("lstm", {"units": 4, "bidirectional": True, "merge": "sum", "return_sequences": True}, [(6, 5)], (6, 4),
     320, 0, 2*864, 2*1728 + 2*24*34 + 24),
    ("lstm", {"units": 3, "return_state": True}, [(1, 5), (3,), (3,)], (3,), 8*12 + 12, 0, 96, 192 + 3*34),
    ("gru", {"units": 4}, [(6, 5)], (4,), 9*12 + 24, 0, 6*108, 2*648 + 24*(6 + 3 + 8 + 5 + 5)),
    ("gru", {"units": 4, "reset_after": False, "bidirectional": True}, [(6, 5)], (8,),
     2*(108 + 12), 0, 2*648, 4*648 + 2*24*(3 + 3 + 8 + 5 + 5)),
    ("gru", {"units": 3, "go_backwards": True, "return_sequences": True}, [(2, 5), (3,)], (2, 3),
     8*9 + 18, 0, 144, 288 + 6*27),
    ("simple_rnn", {"units": 4}, [(6, 5)], (4,), 36 + 4, 0, 216, 432 + 24*(1 + 1 + 5)),
    ("simple_rnn", {"units": 4, "inner": "relu", "bidirectional": True, "merge": "sum"}, [(6, 5)], (4,),
     80, 0, 432, 864 + 2*24*3 + 4),
    # a product of two tensors: no weights, and one FLOP an element for a scale
    ("matmul", {}, [(4, 5), (5, 3)], (4, 3), 0, 0, 60, 120),
    ("matmul", {"transpose_b": True, "scale": 0.5}, [(2, 4, 5), (2, 3, 5)], (2, 4, 3), 0, 0, 2*60, 2*120 + 24),
    ("matmul", {"transpose_a": True}, [(2, 5, 4), (1, 5, 3)], (2, 4, 3), 0, 0, 2*60, 2*120),
    # an equation: the weights' letters are the kernels, all letters but the batch the MACs
    ("einsum_dense", {"equation": "ab,bc->ac", "output": 4}, [(5,)], (4,), 20, 0, 20, 40),
    ("einsum_dense", {"equation": "abc,cde->abde", "output": [None, 2, 3], "bias_axes": "de"}, [(4, 5)], (4, 2, 3),
     30 + 6, 0, 4*30, 2*120 + 24),
    ("einsum_dense", {"equation": "abcd,cde->abe", "output": [6, 7], "bias_axes": "e"}, [(6, 2, 3)], (6, 7),
     42 + 7, 0, 6*42, 2*252 + 42),
    # weights of their own at each place, and axes that change places
    ("einsum_dense", {"equation": "abc,bcd->adb", "output": [4, 3], "bias_axes": "d"}, [(3, 5)], (4, 3),
     60 + 4, 0, 60, 120 + 12),
    ("einsum_dense", {"equation": "...x,xy->...y", "output": [7], "bias_axes": "y"}, [(3, 4, 5)], (3, 4, 7),
     42, 0, 35*12, 2*420 + 84),
    # attention: queries, keys, values and output with biases, and scores·(k + v); 6 a score, 1 more for a mask or bias
    ("attention", {"heads": 2}, [(5, 6)], (5, 6), 4*36 + 24, 0, 5*144 + 2*25*6, 2*1020 + 5*24 + 50*6),
    ("attention", {"heads": 2, "causal": True, "position_bias": "full", "bias": False}, [(5, 6)], (5, 6),
     144 + 50, 0, 1020, 2040 + 50*8),
    ("attention", {"heads": 4, "kv_heads": 2, "key_size": 3, "value_size": 5, "units": 7}, [(6, 8), (5, 4)], (6, 7),
     8*12 + 4*6 + 4*10 + 20*7 + 12 + 6 + 10 + 7, 0, 6*96 + 5*24 + 5*40 + 6*140 + 4*30*8,
     2*2696 + 6*12 + 5*16 + 6*7 + 120*6),
    ("attention", {"heads": 2, "position_bias": "relative", "grid": [2, 2], "project": False}, [(3, 4, 6)], (3, 4, 6),
     3*42 + 2*9, 0, 3*(4*108 + 2*16*6), 2*3*624 + 3*4*18 + 3*32*7),
    ("attention", {"heads": 2, "mask": True}, [(5, 6), (5, 5)], (5, 6), 4*36 + 24, 0, 5*144 + 2*25*6,
     2*1020 + 5*24 + 50*7),
    ("attention", {"heads": 2, "mask": True, "bias": False}, [(3, 6, 8), (3, 5, 4), (3, 1, 5)], (3, 6, 8),
     2*64 + 2*32, 0, 3*(6*128 + 5*64 + 2*2*30*4), 2*4704 + 3*60*7),
    ("embedding", {"size": 9, "units": 4}, [(5,)], (5, 4), 36, 0, 0, 0),
    ("embedding", {"size": 9, "units": 4}, [(3, 5)], (3, 5, 4), 36, 0, 0, 0),
    ("position_embedding", {}, [(5, 6)], (5, 6), 30, 0, 0, 30),
    ("position_embedding", {}, [(4, 3, 2)], (4, 3, 2), 24, 0, 0, 24),
    ("class_token", {}, [(5, 6)], (6, 6), 6, 0, 0, 0),
    ("class_token", {"tokens": 2}, [(5, 6)], (7, 6), 12, 0, 0, 0),
]

REFUSALS: list[tuple[str, dict[str, Any], list[Shape], str]] = [
    # kind, fields, inputs, what the message says
    ("lstm", {"units": 4}, [(8,)],
     "lstm takes (T, C), received (8,); set return_sequences: true in the lstm before it"),
    ("gru", {"units": 4}, [(8, 8, 2)], "gru takes (T, C), received (8, 8, 2); add a reshape before it"),
    ("lstm", {"units": 4}, [(8, 2), (4,)], "lstm starts from h and c, received 1; name them: from: [x, h, c]"),
    ("gru", {"units": 4}, [(8, 2), (3,)], "gru: state h is (4,), received (3,)"),
    ("lstm", {"units": 4}, [(8, 2), (4,), (1, 4)], "lstm: state c is (4,), received (1, 4)"),
    ("simple_rnn", {"units": 4, "bidirectional": True}, [(8, 2), (4,)],
     "simple_rnn: states are read in one direction only; leave bidirectional out"),
    ("matmul", {}, [(4, 6), (4, 6)],
     "matmul: the first has 6 columns, the second 4 rows, received (4, 6) and (4, 6); "
     "set transpose_b: true or transpose_a: true"),
    ("matmul", {"transpose_b": True}, [(4, 6), (6, 5)], "received (4, 6) and (6, 5); set transpose_b: false"),
    ("matmul", {}, [(4, 6), (5, 3)], "received (4, 6) and (5, 3); make them equal with a dense layer or a reshape"),
    ("matmul", {}, [(3, 4, 6), (2, 6, 4)], "matmul: leading axes must be equal or 1, received (3, 4, 6) and (2, 6, 4)"),
    ("matmul", {}, [(6,), (6,)], "matmul takes two tensors of as many axes, two or more, received (6,) and (6,)"),
    ("matmul", {}, [(4, 6), (1, 6, 4)], "received (4, 6) and (1, 6, 4); add a reshape before it"),
    ("einsum_dense", {"equation": "abc,cd->abd", "output": [None, 7]}, [(5,)],
     "einsum_dense: abc,cd->abd reads 2 axes behind the batch, received (5,)"),
    ("einsum_dense", {"equation": "...xy,yz->...xz", "output": [None, 7]}, [(5,)],
     "einsum_dense: ...xy,yz->...xz reads 2 or more axes behind the batch, received (5,)"),
    ("einsum_dense", {"equation": "abc,cd->abd", "output": [4, 7]}, [(5, 6)],
     "einsum_dense: b is 5 in the input (5, 6) and 4 in output; write null for it"),
    ("attention", {"heads": 4}, [(5, 6)],
     "attention: channels (=6) must be divisible by heads (=4); or give key_size"),
    ("attention", {"heads": 4}, [(8,)], "attention takes (T, C), received (8,); add a reshape before it"),
    ("attention", {"heads": 2}, [(2, 5, 6), (3, 5, 6)],
     "attention takes (..., T, C) and a memory (..., S, M) with the same leading axes, received (2, 5, 6) and"),
    ("attention", {"heads": 2, "causal": True}, [(5, 6), (4, 6)],
     "attention: causal needs as many keys as queries, received 4 keys, 5 queries"),
    ("attention", {"heads": 2, "position_bias": "relative"}, [(5, 6), (4, 6)],
     "attention: a relative position bias needs as many keys as queries"),
    ("attention", {"heads": 2, "position_bias": "relative", "grid": [2, 3]}, [(5, 6)],
     "attention: grid [2, 3] has 6 places, T is 5"),
    ("attention", {"heads": 2, "mask": True}, [(5, 6)], "attention reads from: [x, mask] or [x, memory, mask]"),
    ("attention", {"heads": 2}, [(5, 6), (5, 6), (5, 5)],
     "attention reads from: [x, memory]; a third is read with mask: true"),
    ("attention", {"heads": 2, "mask": True}, [(5, 6), (6, 5)],
     "attention: the mask is (6, 5), the scores of a head are (5, 5)"),
    ("attention", {"heads": 2, "mask": True}, [(3, 5, 6), (3, 4, 6), (5, 4)],
     "the mask is (5, 4), the scores of a head are (3, 5, 4)"),
    ("class_token", {}, [(8,)], "class_token takes (T, C), received (8,); add a reshape before it"),
]

INVALID: list[tuple[str, dict[str, Any], str, str]] = [
    # kind, fields, the field, what the message says
    ("lstm", {"return_sequences": True}, "units", "missing"),
    ("lstm", {"units": 4, "merge": "sum"}, "merge", "expected bidirectional: true with it"),
    ("gru", {"units": 4, "bidirectional": True, "go_backwards": True}, "go_backwards", "expected one direction"),
    ("gru", {"units": 4, "bidirectional": True, "return_state": True}, "return_state", "expected one direction"),
    ("lstm", {"units": 4, "inner": "gelu"}, "inner", "tanh or relu"),
    ("simple_rnn", {"units": 4, "reset_after": True}, "reset_after", "unknown field"),
    ("matmul", {"scale": 0}, "scale", "a number above 0"),
    *(
        ("einsum_dense", {"equation": equation, "output": output, **more}, field, says)
        for equation, output, more, field, says in (
            ("abc,cd", 7, {}, "equation", 'an equation such as "abc,cd->abd" or "...x,xy->...y"'),
            ("abc, cd -> abd", [5, 7], {}, "equation", "an equation such as"),
            ("abc,cd->bad", [5, 7], {}, "equation", "expected a for the batch: first in the input and in the output"),
            ("abc,acd->abd", [5, 7], {}, "equation", "expected a for the batch"),
            ("abb,bd->abd", [5, 7], {}, "equation", "expected each letter once in a term, and one of the input"),
            ("a,b->ab", [7], {}, "equation", "and one of the input behind the batch"),
            ("abc,cde->abf", [5, 7], {}, "equation", "expected d, e, f in two of the three terms"),
            ("abc,cd->ad", [7], {}, "equation", "expected b in two of the three terms"),
            ("abc,bc->abc", [5, 7], {}, "equation", "expected a letter to sum over"),
            ("abc,cd->abd", 7, {}, "output", "expected 2 sizes, of b, d"),
            ("abc,cd->abd", [5, None], {}, "output", "expected a size for d, which the input does not have"),
            ("abc,cd->abd", [5, 7], {"bias_axes": "c"}, "bias_axes", "expected some of bd, each once"),
            ("abc,cd->abd", [5, 7], {"bias_axes": "dd"}, "bias_axes", "expected some of bd, each once"),
            ("abc,cd->abd", [5, 7], {"bias_axes": ""}, "bias_axes", "expected letters"),
        )
    ),
    ("attention", {}, "heads", "missing"),
    ("attention", {"heads": 4, "kv_heads": 3}, "kv_heads", "expected a divisor of heads (=4)"),
    ("attention", {"heads": 4, "grid": [2, 2]}, "grid", "expected position_bias: relative with it"),
    ("attention", {"heads": 4, "project": False, "units": 8}, "units", "expected project: true with it"),
    ("embedding", {"units": 4}, "size", "missing"),
    ("class_token", {"tokens": 0}, "tokens", "from 1"),
]
