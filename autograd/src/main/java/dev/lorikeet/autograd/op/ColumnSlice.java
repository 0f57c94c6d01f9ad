package dev.lorikeet.autograd.op;

/// Some consecutive columns of a projection's output, such as the query columns of GPT-2's `c_attn`.
///
/// @param from first column
/// @param to   one past the last column
public record ColumnSlice(int from, int to) {
    public ColumnSlice {
        if (from < 0 || to <= from) {
            throw new IllegalArgumentException("columns [%d, %d) are empty or negative".formatted(from, to));
        }
    }

    public int width() {
        return to - from;
    }
}
