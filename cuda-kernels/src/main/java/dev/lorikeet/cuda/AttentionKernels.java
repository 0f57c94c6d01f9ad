package dev.lorikeet.cuda;

import java.util.List;

/// The attention kernels for one head size and math mode.
///
/// @param forward of a tile of queries: out and lse
/// @param delta   of a tile of queries: the row sums that the backward takes off, where out was not kept
/// @param queries of a tile of queries: dq
/// @param keys    of a tile of keys: dk and dv
record AttentionKernels(Tiled forward, Tiled delta, Tiled queries, Tiled keys) {
    static final int LARGEST_HEAD = 128;
    /// Head sizes for which there are kernels in F32; others are filled up with zeros to the next one.
    private static final List<Integer> F32_SIZES = List.of(32, 64, 96, LARGEST_HEAD);
    /// Rows of a tile on tensor cores, by four warps, and of what goes past it in the backward.
    private static final int TILE = 64;
    private static final int OTHER = 32;
    /// Rows of a tile on the ordinary cores. The most that the kernels' registers allow comes first; the others are for
    /// devices with less shared memory (compute capability 7.5 and below).
    private static final List<Integer> F32_TILES = List.of(64, 32, 16);
    private static final int WARPS_THREADS = 128;

    /// A kernel, one block of which works on a tile.
    ///
    /// @param rows        of the tile
    /// @param sharedBytes dynamic shared memory of a block
    record Tiled(Kernel kernel, int rows, int threads, int sharedBytes) {}

    /// @param sharedBytes dynamic shared memory that a block of the device may have
    /// @throws IllegalArgumentException if heads are too large
    static AttentionKernels of(MathMode mode, int headSize, int sharedBytes) {
        if (headSize > LARGEST_HEAD) {
            throw new IllegalArgumentException("attention on cuda takes heads of up to %d numbers, these have %d"
                    .formatted(LARGEST_HEAD, headSize));
        }
        return switch (mode) {
            case F32 -> f32(F32_SIZES.stream().filter(size -> size >= headSize).findFirst().orElseThrow(), sharedBytes);
            case TF32 -> onTensorCores("Tf32", 4, 4, Math.ceilDiv(headSize, 16) * 16);
            case BF16 -> onTensorCores("Bf16", 2, 8, Math.ceilDiv(headSize, 16) * 16);
        };
    }

    /// `attention_f32_forward.cu` and `attention_f32_backward.cu`: 16 rows times a quarter of the tile's rows of
    /// threads.
    private static AttentionKernels f32(int size, int sharedBytes) {
        String backward = "attention_f32_backward";
        int most = 32;
        return new AttentionKernels(
                f32("attention_f32_forward", "", size, size <= 64 ? 64 : most, 3, 1, sharedBytes),
                f32(backward, "delta_", size, most, 4, 0, sharedBytes),
                f32(backward, "queries_", size, most, 4, 1, sharedBytes),
                f32(backward, "keys_", size, most, 4, 2, sharedBytes));
    }

    /// With `matrices` (tile, head size) and `scores` (tile, tile) in shared memory, of the largest tile of up to
    /// `most` rows that fits there.
    private static Tiled f32(String source, String what, int size, int most, int matrices, int scores,
            int sharedBytes) {
        int gap = 4;
        return F32_TILES.stream().filter(tile -> tile <= most)
                .map(tile -> new Tiled(new Kernel(source, "attention_f32_%s%d_%d".formatted(what, size, tile)), tile,
                        4 * tile, 4 * tile * (matrices * (size + gap) + scores * (tile + gap))))
                .filter(kernel -> kernel.sharedBytes() <= sharedBytes).findFirst()
                .orElseThrow(() -> new IllegalArgumentException(("attention over heads of %d numbers finds no room in "
                        + "%,d bytes of shared memory, which is all that a block of this device may have")
                        .formatted(size, sharedBytes)));
    }

    /// `attention_mma_forward.cu` and `attention_mma_backward.cu`.
    ///
    /// @param bytes of an element in shared memory
    /// @param gap   elements between two rows there
    private static AttentionKernels onTensorCores(String input, int bytes, int gap, int size) {
        List<String> definitions = List.of("INPUT=" + input, "HEAD_SIZE=" + size);
        Unit forward = new Unit("attention_mma_forward", definitions);
        Unit backward = new Unit("attention_mma_backward", definitions);
        String suffix = "_" + input + "_" + size;
        int row = bytes * (size + gap);
        int others = 2 * (TILE + OTHER) * row;
        return new AttentionKernels(
                new Tiled(new Kernel(forward, "attention" + suffix), TILE, WARPS_THREADS, 3 * TILE * row),
                new Tiled(new Kernel(backward, "attention_delta" + suffix), TILE, WARPS_THREADS, others),
                new Tiled(new Kernel(backward, "attention_queries" + suffix), TILE, WARPS_THREADS, others),
                new Tiled(new Kernel(backward, "attention_keys" + suffix), TILE, WARPS_THREADS, others));
    }
}
