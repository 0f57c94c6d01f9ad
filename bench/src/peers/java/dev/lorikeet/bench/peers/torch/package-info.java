/// libtorch beside Lorikeet: the same GPT-2 with the same LoRA, weights and labels, written with libtorch's own
/// operators as its users would in C++ (eager, autograd, `torch::optim::AdamW`), through the JavaCPP presets.
///
/// What fairness asks of this code: frozen weights in the layout that the checkpoint has; one fused product for q, k
/// and v; `scaled_dot_product_attention`; residuals added in place; labels shifted once instead of logits copied; and
/// every Java handle of an intermediate closed as soon as C++ would leave its scope, so that the memory needed is
/// libtorch's. (libtorch's huge pages, `THP_MEM_ALLOC_ENABLE=1`, made its step slower, 4.4 - 5.5 s instead of
/// 3.7 - 4.3 s, and stay off, as they are by default.)
///
/// Read [TorchBlock] first, then [TorchGpt2] and [TorchLoraStep]; for RoBERTa [TorchEncoderBlock] and
/// [TorchClassifierStep].
package dev.lorikeet.bench.peers.torch;
