package dev.lorikeet.cuda;

import dev.lorikeet.tensor.DType;
import dev.lorikeet.tensor.HalfPrecision;
import dev.lorikeet.tensor.Scales;
import dev.lorikeet.tensor.Tensor;

/// BatchBuckets, copying, converting, gathering and scattering: `moves.cu`.
final class Moves {
    private static final String SOURCE = "moves";
    private static final Kernel FILL_1 = new Kernel(SOURCE, "fill_1");
    private static final Kernel FILL_2 = new Kernel(SOURCE, "fill_2");
    private static final Kernel FILL_4 = new Kernel(SOURCE, "fill_4");
    private static final Kernel FILL_8 = new Kernel(SOURCE, "fill_8");
    private static final Kernel COPY_1 = new Kernel(SOURCE, "copy_1");
    private static final Kernel COPY_2 = new Kernel(SOURCE, "copy_2");
    private static final Kernel COPY_4 = new Kernel(SOURCE, "copy_4");
    private static final Kernel COPY_8 = new Kernel(SOURCE, "copy_8");
    private static final Kernel COPY_16 = new Kernel(SOURCE, "copy_16");
    private static final Kernel WIDEN_BF16 = new Kernel(SOURCE, "widen_bf16");
    private static final Kernel WIDEN_F16 = new Kernel(SOURCE, "widen_f16");
    private static final Kernel WIDEN_I8 = new Kernel(SOURCE, "widen_i8");
    private static final Kernel NARROW_BF16 = new Kernel(SOURCE, "narrow_bf16");
    private static final Kernel CONVERT = new Kernel(SOURCE, "convert");
    private static final Kernel TAKE = new Kernel(SOURCE, "take");
    private static final Kernel TAKE_BACKWARD = new Kernel(SOURCE, "take_backward");
    private static final Kernel GATHER_F32 = new Kernel(SOURCE, "gather_rows_f32");
    private static final Kernel GATHER_BF16 = new Kernel(SOURCE, "gather_rows_bf16");
    private static final Kernel GATHER_F16 = new Kernel(SOURCE, "gather_rows_f16");
    private static final Kernel GATHER_I8 = new Kernel(SOURCE, "gather_rows_i8");
    private static final Kernel SCATTER = new Kernel(SOURCE, "scatter_add_rows");

    private final Stream stream;
    private final Elementwise elementwise;

    Moves(Stream stream, Elementwise elementwise) {
        this.stream = stream;
        this.elementwise = elementwise;
    }

    void fill(Tensor dst, double value) {
        if (dst.size() == 0) {
            return;
        }
        boolean flat = Grids.flat(dst, dst);
        Arguments arguments = stream.arguments().any(dst, flat);
        Kernel kernel = switch (dst.dtype().bytes()) {
            case 1 -> FILL_1;
            case 2 -> FILL_2;
            case 4 -> FILL_4;
            default -> FILL_8;
        };
        long bits = bits(dst.dtype(), value);
        if (dst.dtype().bytes() == 8) {
            arguments.whole(bits);
        } else {
            arguments.integer((int) bits);   // a narrower argument is its first bytes
        }
        launch(kernel, dst, flat);
    }

    /// `value` as an element of `dtype`, rounded as [#copy] rounds.
    private static long bits(DType dtype, double value) {
        long whole = (long) Math.rint(value);
        return switch (dtype) {
            case F64 -> Double.doubleToRawLongBits(value);
            case F32 -> Float.floatToRawIntBits((float) value);
            case BF16 -> HalfPrecision.toBf16(value);
            case F16 -> HalfPrecision.toF16(value);
            case I64 -> whole;
            case I32 -> (int) Math.rint(value);
            case I16 -> Math.clamp(whole, Short.MIN_VALUE, Short.MAX_VALUE);
            case I8 -> Math.clamp(whole, Byte.MIN_VALUE, Byte.MAX_VALUE);
            case U8 -> Math.clamp(whole, 0, 255);
            case BOOL -> value == 0 ? 0 : 1;
        };
    }

    void copy(Tensor dst, Tensor src) {
        if (dst.size() == 0) {
            return;
        }
        if (dst.dtype() == src.dtype()) {
            copyBits(dst, src);
            return;
        }
        Kernel kernel = conversion(dst.dtype(), src.dtype());
        boolean flat = Grids.flat(dst, src) && src.scales() == null;
        Arguments arguments = stream.arguments().any(dst, flat);
        if (kernel == CONVERT) {
            arguments.integer(dst.dtype().ordinal());
        }
        arguments.any(src, flat);
        if (kernel == CONVERT) {
            arguments.integer(src.dtype().ordinal());
        }
        if (kernel != NARROW_BF16) {
            scales(arguments, src.scales());
        }
        launch(kernel, dst, flat);
    }

    private static Kernel conversion(DType to, DType from) {
        if (to == DType.BF16 && from == DType.F32) {
            return NARROW_BF16;
        }
        if (to != DType.F32) {
            return CONVERT;
        }
        return switch (from) {
            case BF16 -> WIDEN_BF16;
            case F16 -> WIDEN_F16;
            case I8 -> WIDEN_I8;
            default -> CONVERT;
        };
    }

    private static void scales(Arguments arguments, Scales scales) {
        arguments.floatsAt(scales == null ? null : scales.values())
                .integer(scales != null && scales.ofRows() ? 1 : 0);
    }

    /// As words of the largest size that divides everything.
    private void copyBits(Tensor dst, Tensor src) {
        long size = dst.dtype().bytes();
        boolean flat = Grids.flat(dst, src) && dst.bytes() <= Integer.MAX_VALUE;
        int rows = flat ? 1 : dst.rows();
        long cols = (flat ? dst.size() : dst.cols()) * size;
        long from = flat ? cols : src.rowStride() * size;
        long to = flat ? cols : dst.rowStride() * size;
        long word = Long.lowestOneBit(16 | cols | from | to | dst.address() | src.address());
        stream.arguments()
                .matrix(dst.address(), to / word, rows, Math.toIntExact(cols / word))
                .matrix(src.address(), from / word, rows, Math.toIntExact(cols / word));
        Kernel kernel = switch ((int) word) {
            case 1 -> COPY_1;
            case 2 -> COPY_2;
            case 4 -> COPY_4;
            case 8 -> COPY_8;
            default -> COPY_16;
        };
        stream.launch(kernel, Grids.acrossRow(cols / word, Grids.THREADS), Grids.down(rows), Grids.THREADS);
    }

    void take(Tensor dst, Tensor src, Tensor index) {
        if (dst.size() > 0) {
            stream.arguments().floatsAt(dst).floatsAt(src).indices(index).whole(dst.size());
            stream.launch(TAKE, Grids.across(dst.size(), Grids.THREADS), 1, Grids.THREADS);
        }
    }

    void takeBackward(Tensor dx, Tensor dy, Tensor index, double beta) {
        elementwise.scale(dx, beta);
        if (dy.size() > 0) {
            stream.arguments().floatsAt(dx).floatsAt(dy).indices(index).whole(dy.size());
            stream.launch(TAKE_BACKWARD, Grids.across(dy.size(), Grids.THREADS), 1, Grids.THREADS);
        }
    }

    void gatherRows(Tensor dst, Tensor table, Tensor ids, double beta) {
        if (dst.size() == 0) {
            return;
        }
        Kernel kernel = switch (table.dtype()) {
            case F32 -> GATHER_F32;
            case BF16 -> GATHER_BF16;
            case F16 -> GATHER_F16;
            case I8 -> GATHER_I8;
            default -> throw new IllegalArgumentException("tables are F32, BF16, F16 or I8, found " + table);
        };
        Arguments arguments = stream.arguments().floats(dst).any(table).indices(ids).single(beta);
        scales(arguments, table.scales());
        launch(kernel, dst, false);
    }

    void scatterAddRows(Tensor dtable, Tensor dy, Tensor ids, double beta) {
        elementwise.scale(dtable, beta);
        if (dy.size() > 0) {
            stream.arguments().floats(dtable).floats(dy).indices(ids);
            launch(SCATTER, dy, false);
        }
    }

    private void launch(Kernel kernel, Tensor dst, boolean flat) {
        stream.launch(kernel, Grids.acrossRow(flat ? dst.size() : dst.cols(), Grids.THREADS),
                flat ? 1 : Grids.down(dst.rows()), Grids.THREADS);
    }
}
