package dev.lorikeet.tensor.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lorikeet.tensor.DType;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Every product against three loops in double precision. The bound for one element is that of a sum of `k` rounded
/// products in any order, `(k + 4)·ε·(|alpha|·Σ|a·b| + |beta·c|)` with `ε = 2⁻²⁴`.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class GemmTest {
    private static final int[] SIZES = {1, 2, 3, 6, 7, 8, 13, 16, 17, 31, 48, 49, 64, 97, 207};
    private static final double EPSILON = 0x1p-24;

    private final HostMemory memory = new HostMemory();
    private final ThreadTeam[] teams = {ThreadTeam.of(1), ThreadTeam.of(2), ThreadTeam.of(3)};
    private final List<Gemm> gemms = Stream.of(teams).map(team -> new Gemm(team, memory)).toList();

    @AfterAll
    void close() {
        gemms.forEach(Gemm::close);
        Stream.of(teams).forEach(ThreadTeam::close);
        assertThat(memory.liveBlocks()).isZero();
        memory.close();
    }

    record Size(int m, int n, int k) {
        static Size random(Random random) {
            return new Size(pick(random), pick(random), pick(random));
        }

        private static int pick(Random random) {
            return SIZES[random.nextInt(SIZES.length)];
        }
    }

    /// One operand: a matrix of `rows` by `columns` as stored, in a larger one of row stride `stride`.
    private record Matrix(MemorySegment data, int rows, int columns, int stride, DType type) {
        static Matrix random(Arena arena, Random random, int rows, int columns, DType type) {
            int stride = columns + random.nextInt(5);
            MemorySegment data = arena.allocate((long) Math.max(1, rows) * stride * type.bytes() + 4, 64);
            for (long i = 0; i < (long) rows * stride; i++) {
                float value = i % stride < columns ? random.nextFloat() - 0.5f : Float.NaN;
                switch (type) {
                    case F32 -> data.setAtIndex(ValueLayout.JAVA_FLOAT, i, value);
                    case F16 -> data.setAtIndex(ValueLayout.JAVA_SHORT, i, Float.floatToFloat16(value));
                    default -> data.setAtIndex(ValueLayout.JAVA_SHORT, i, (short) (Float.floatToIntBits(value) >> 16));
                }
            }
            return new Matrix(data, rows, columns, stride, type);
        }

        float get(int row, int column) {
            long i = (long) row * stride + column;
            return switch (type) {
                case F32 -> data.getAtIndex(ValueLayout.JAVA_FLOAT, i);
                case F16 -> Float.float16ToFloat(data.getAtIndex(ValueLayout.JAVA_SHORT, i));
                default -> Float.intBitsToFloat(data.getAtIndex(ValueLayout.JAVA_SHORT, i) << 16);
            };
        }

        /// Rows of the matrix, or its columns if `transposed`.
        double[][] lines(boolean transposed) {
            double[][] lines = new double[transposed ? columns : rows][transposed ? rows : columns];
            for (int i = 0; i < lines.length; i++) {
                for (int j = 0; j < lines[i].length; j++) {
                    lines[i][j] = transposed ? get(j, i) : get(i, j);
                }
            }
            return lines;
        }

        Matrix copy(Arena arena) {
            MemorySegment copy = arena.allocate(data.byteSize(), 64).copyFrom(data);
            return new Matrix(copy, rows, columns, stride, type);
        }
    }

    private static Stream<Size> sizes() {
        List<Size> sizes = new ArrayList<>();
        Random random = new Random(11);
        for (int i = 0; i < 40; i++) {
            sizes.add(Size.random(random));
        }
        // Shapes of LoRA and of decoding, and sizes on both sides of the block limits of each path.
        for (int r : new int[] {1, 4, 8, 12, 33}) {
            sizes.add(new Size(203, r, 197));
            sizes.add(new Size(203, 197, r));
            sizes.add(new Size(r, 203, 197));
            sizes.add(new Size(r, 197, 1031));
        }
        sizes.add(new Size(50, 1100, 50));
        sizes.add(new Size(50, 50, 1700));
        sizes.add(new Size(2100, 40, 40));
        sizes.add(new Size(1, 1, 5000));
        sizes.add(new Size(1, 8201, 23));
        sizes.add(new Size(2, 8200, 23));
        sizes.add(new Size(5, 8200, 23));
        sizes.add(new Size(30000, 12, 140));
        return sizes.stream();
    }

    @ParameterizedTest
    @MethodSource("sizes")
    void every_way_of_storing_the_operands_gives_the_product(Size size) {
        Random random = new Random(size.hashCode());
        for (int flags = 0; flags < 4; flags++) {
            for (DType type : new DType[] {DType.F32, DType.BF16, DType.F16}) {
                check(size, (flags & 1) != 0, (flags & 2) != 0, type, 1, flags % 2, random);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(doubles = {0, 1, 0.5, -2})
    void alpha_and_beta_scale_the_product_and_the_old_content(double beta) {
        Random random = new Random(7);
        for (double alpha : new double[] {1, 0, -1.5, 1e-3}) {
            for (int i = 0; i < 12; i++) {
                check(Size.random(random), random.nextBoolean(), random.nextBoolean(), DType.F32, alpha, beta, random);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(doubles = {0, 1, 0.5})
    void an_empty_inner_dimension_only_scales(double beta) {
        Random random = new Random(3);
        for (int flags = 0; flags < 4; flags++) {
            check(new Size(5, 9, 0), (flags & 1) != 0, (flags & 2) != 0, DType.F32, 1, beta, random);
            check(new Size(0, 9, 4), (flags & 1) != 0, (flags & 2) != 0, DType.F32, 1, beta, random);
            check(new Size(9, 0, 4), (flags & 1) != 0, (flags & 2) != 0, DType.F32, 1, beta, random);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"BF16", "F16"})
    void widening_is_exact_for_every_bit_pattern(DType type) {
        int count = 1 << 16;
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment halves = arena.allocate(2L * count, 64);
            MemorySegment floats = arena.allocate(4L * count, 64);
            for (int i = 0; i < count; i++) {
                halves.setAtIndex(ValueLayout.JAVA_SHORT, i, (short) i);
            }
            HalfFloats.widen(floats.address(), halves.address(), count, type);
            for (int i = 0; i < count; i++) {
                float expected = type == DType.BF16 ? Float.intBitsToFloat(i << 16) : Float.float16ToFloat((short) i);
                float actual = floats.getAtIndex(ValueLayout.JAVA_FLOAT, i);
                if (Float.floatToIntBits(actual) != Float.floatToIntBits(expected)) {
                    assertThat(actual).as("pattern %04x", i).isEqualTo(expected);
                }
            }
        }
    }

    @Test
    void the_second_round_of_the_same_shapes_allocates_nothing() {
        try (ThreadTeam team = ThreadTeam.of(2); Gemm gemm = new Gemm(team, memory); Arena arena = Arena.ofConfined()) {
            long data = arena.allocate(4L * 300 * 300, 64).address();
            long c = arena.allocate(4L * 300 * 300, 64).address();
            assertThat(gemm.workspaceBytes()).isZero();
            long[] after = new long[2];
            for (int round = 0; round < 2; round++) {
                gemm.run(c, 300, data, 300, false, data, 300, true, DType.F32, 100, 100, 100, 1, 0);
                gemm.run(c, 300, data, 300, false, data, 300, true, DType.F32, 300, 300, 300, 1, 0);
                after[round] = gemm.workspaceBytes();
            }
            assertThat(after[0]).isPositive().isEqualTo(after[1]);
        }
    }

    @Test
    void a_block_product_on_one_thread_gives_the_same_as_the_loops() {
        Random random = new Random(5);
        for (int i = 0; i < 60; i++) {
            Size size = Size.random(random);
            boolean ta = random.nextBoolean();
            boolean tb = random.nextBoolean();
            boolean add = random.nextBoolean();
            try (Arena arena = Arena.ofConfined()) {
                Operands operands = Operands.random(arena, random, size, ta, tb, DType.F32, add ? 1 : 0);
                Matrix c = operands.c.copy(arena);
                long scratch = arena.allocate(MicroGemm.scratchBytes(size.m, size.n, size.k), 64).address();
                MicroGemm.product(c.data.address(), c.stride, operands.a.data.address(), operands.a.stride, ta,
                        operands.b.data.address(), operands.b.stride, tb, size.m, size.n, size.k, 0.5f, add, scratch);
                operands.assertResult(c, 0.5, add ? 1 : 0);
            }
        }
    }

    private void check(Size size, boolean ta, boolean tb, DType type, double alpha, double beta, Random random) {
        try (Arena arena = Arena.ofConfined()) {
            Operands operands = Operands.random(arena, random, size, ta, tb, type, beta);
            Matrix first = null;
            for (Gemm gemm : gemms) {
                Matrix c = operands.c.copy(arena);
                gemm.run(c.data.address(), c.stride, operands.a.data.address(), operands.a.stride, ta,
                        operands.b.data.address(), operands.b.stride, tb, type, size.m, size.n, size.k, alpha, beta);
                if (first == null) {
                    operands.assertResult(c, alpha, beta);
                    first = c;
                } else {
                    assertThat(c.data.mismatch(first.data)).as("bits differ between thread counts").isEqualTo(-1);
                }
            }
        }
    }

    private record Operands(Size size, Matrix a, boolean ta, Matrix b, boolean tb, Matrix c) {
        /// With `beta = 0` C is full of NaN, which no result may inherit.
        static Operands random(Arena arena, Random random, Size size, boolean ta, boolean tb, DType type,
                double beta) {
            Matrix a = Matrix.random(arena, random, ta ? size.k : size.m, ta ? size.m : size.k, DType.F32);
            Matrix b = Matrix.random(arena, random, tb ? size.n : size.k, tb ? size.k : size.n, type);
            Matrix c = Matrix.random(arena, random, size.m, size.n, DType.F32);
            for (long i = 0; beta == 0 && i < (long) size.m * c.stride; i++) {
                c.data.setAtIndex(ValueLayout.JAVA_FLOAT, i, Float.NaN);
            }
            return new Operands(size, a, ta, b, tb, c);
        }

        void assertResult(Matrix result, double alpha, double beta) {
            double[][] rows = a.lines(ta);
            double[][] columns = b.lines(!tb);
            for (int i = 0; i < size.m; i++) {
                for (int j = 0; j < size.n; j++) {
                    double sum = 0;
                    double magnitude = 0;
                    for (int p = 0; p < size.k; p++) {
                        double term = alpha * rows[i][p] * columns[j][p];
                        sum += term;
                        magnitude += Math.abs(term);
                    }
                    if (beta != 0) {
                        sum += beta * c.get(i, j);
                        magnitude += Math.abs(beta * c.get(i, j));
                    }
                    double error = Math.abs(result.get(i, j) - sum);
                    if (!(error <= (size.k + 4) * EPSILON * magnitude)) {
                        assertThat(result.get(i, j)).as("%s ta=%s tb=%s beta=%s element %d, %d", size, ta, tb, beta,
                                i, j).isEqualTo((float) sum);
                    }
                }
                for (int j = size.n; j < result.stride; j++) {
                    if (!Float.isNaN(result.get(i, j))) {
                        assertThat(result.get(i, j)).as("%s wrote between the rows of C", size).isNaN();
                    }
                }
            }
        }
    }
}
