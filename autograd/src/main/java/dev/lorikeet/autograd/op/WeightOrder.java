package dev.lorikeet.autograd.op;

/// How a projection's weight is stored. Files are kept as they are; the order becomes a flag of the matrix product.
public enum WeightOrder {
    /// `(out, in)`: PyTorch's `nn.Linear`, RoBERTa, LoRA's A and B.
    OUT_IN,
    /// `(in, out)`: GPT-2's `Conv1D`.
    IN_OUT
}
