package dev.lorikeet.tensor;

/// How an operand of a contract test lies in its storage. Either way there are elements before it and behind it that no
/// kernel may touch.
enum Layout {
    /// Rows back to back, starting at a multiple of 64 bytes.
    PACKED,
    /// A gap after each row, starting where no vector would like to: what a column slice of a wider tensor looks like.
    STRIDED;

    /// Elements before the first one.
    long offset() {
        return this == PACKED ? 64 : 67;
    }

    int rowStride(int cols) {
        return this == PACKED ? cols : cols + 5;
    }
}
