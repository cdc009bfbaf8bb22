"""The operations that a recording may be rebuilt from."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch

from grader.errors import NetworkUnsupported

# Names of ATen operations that networks are made of. Left out on purpose: what aliases memory by number (as_strided,
# set_, resize_), reads files, leaves memory uninitialised (empty), or belongs to another namespace.
ALLOWED = frozenset(
    """
    abs absolute acos acosh adaptive_avg_pool1d _adaptive_avg_pool2d adaptive_avg_pool2d adaptive_max_pool1d
    adaptive_max_pool2d add addbmm addcdiv addcmul addmm addmv addr adjoint alias all alpha_dropout amax amin any
    arange argmax argmin argsort asin atan atan2 atleast_1d atleast_2d atleast_3d avg_pool1d avg_pool2d avg_pool3d
    baddbmm batch_norm bernoulli bilinear bmm broadcast_to cat ceil celu channel_shuffle chunk clamp clamp_max
    clamp_min clip clone col2im column_stack concat constant_pad_nd contiguous conv1d conv2d conv3d conv_transpose1d
    conv_transpose2d _convolution convolution copy cos cosh cross_entropy_loss cummax cummin cumprod cumsum detach
    diag diagonal div dot dropout dstack einsum elu embedding eq erf exp expand expand_as expm1 feature_alpha_dropout
    feature_dropout fill flatten flip floor fmax fmin fmod frac full full_like gather ge gelu glu group_norm gt H
    hardshrink hardsigmoid hardswish hardtanh heaviside hstack hypot im2col index index_add index_copy index_fill
    index_put index_select inner instance_norm is_nonzero isfinite isinf isnan item kthvalue layer_norm le leaky_relu
    lerp lift_fresh lift_fresh_copy linalg_matrix_norm linalg_norm linalg_vecdot linalg_vector_norm linear
    local_response_norm _local_scalar_dense log log10 log1p log2 log_sigmoid _log_softmax log_softmax logaddexp
    logical_and logical_not logical_or logit logsumexp lt masked_fill masked_scatter masked_select matmul matrix_H max
    max_pool1d max_pool2d max_pool2d_with_indices max_pool3d maximum mean median mH min minimum mish mm movedim mT mul
    multiply mv nan_to_num narrow native_batch_norm _native_batch_norm_legit native_channel_shuffle native_dropout
    native_group_norm native_layer_norm ne neg new_full new_ones new_zeros nll_loss nonzero norm numpy_T ones
    ones_like outer pad permute pixel_shuffle pixel_unshuffle positive pow prelu prod rand rand_like randn randn_like
    ravel reciprocal reflection_pad2d relu relu6 remainder repeat repeat_interleave replication_pad2d reshape
    reshape_as roll rot90 round rrelu rsqrt rsub scalar_tensor scaled_dot_product_attention scatter select
    select_scatter selu sgn sigmoid sign silu sin sinh slice slice_scatter _softmax softmax softplus softshrink sort
    special_expit split split_with_sizes sqrt square squeeze stack std std_mean sub subtract sum swapaxes swapdims T t
    tan tanh tensor_split tensordot threshold tile topk transpose tril triu true_divide trunc type_as unbind unflatten
    unfold _unsafe_view unsqueeze upsample_bicubic2d upsample_bilinear2d upsample_nearest2d var var_mean vdot view
    view_as vstack _weight_norm _weight_norm_interface where xlogy zero zeros zeros_like
    """.split()
)
CONVERSIONS = frozenset(
    "to _to_copy type_as lift_fresh lift_fresh_copy alias resolve_conj resolve_neg".split()
)
# Run as something tamer: memory that the program fills later is made of zeros, and no view is detached in place.
TAMED = {
    "aten.empty.memory_format": "aten.zeros.default",
    "aten.empty_like.default": "aten.zeros_like.default",
    "aten.new_empty.default": "aten.new_zeros.default",
    "aten.detach_.default": "aten.detach.default",
}
SELECTIONS = frozenset({"index", "masked_select", "nonzero"})
FACTORIES = frozenset(
    {"zeros", "ones", "full", "rand", "randn", "arange", "scalar_tensor", "new_zeros", "new_ones", "new_full"}
    | {"empty", "new_empty"}
)


def base_name(op: str) -> str:
    """"aten.relu_.default" -> "relu"."""
    name = op.split(".")[1] if op.count(".") == 2 else op
    return name[:-1] if name.endswith("_") and not name.endswith("__") else name


def resolve(op: str) -> Callable[..., Any]:
    """The ATen overload named ``op``, if it is allowed. NetworkUnsupported otherwise."""
    op = TAMED.get(op, op)
    parts = op.split(".")
    if len(parts) != 3 or parts[0] != "aten" or base_name(op) not in ALLOWED | CONVERSIONS or "out" in parts[2]:
        raise NetworkUnsupported(f"the network uses the operation {op[:60]}, which cannot be rebuilt here")
    packet = getattr(torch.ops.aten, parts[1], None)
    overload = getattr(packet, parts[2], None)
    if overload is None:
        raise NetworkUnsupported(f"this version of torch has no operation {op[:60]}")
    found: Callable[..., Any] = overload
    return found
