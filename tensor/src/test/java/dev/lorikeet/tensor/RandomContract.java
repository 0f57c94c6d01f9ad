package dev.lorikeet.tensor;

/// Random numbers, equal on every device by key and element, wherever the rows lie.
final class RandomContract {
    private static final RandomKey KEY = new RandomKey(0x1234_5678_9ABC_DEF0L, 0xFEDC_BA98_7654_3210L);

    private RandomContract() {}

    static void addTo(Checks checks) {
        checks.each("uniform", KernelContract.SHAPES, (t, shape, layout) -> {
            Operand dst = t.output(shape, layout, 0);
            t.call((kernels, on) -> kernels.uniform(on.of(dst), -0.5, 2, KEY));
            t.agreesElementwise(dst, 2, 2);
        });
        checks.each("normal", KernelContract.SHAPES, (t, shape, layout) -> {
            Operand dst = t.output(shape, layout, 0);
            t.call((kernels, on) -> kernels.normal(on.of(dst), 0.25, 0.02, KEY));
            t.agreesElementwise(dst, 2, 0.27);
        });
        for (double p : new double[] {0, 0.1, 0.5, 0.999}) {
            checks.eachBeta("dropout", " p " + p, KernelContract.FEW_SHAPES, (t, shape, layout, beta) -> {
                Operand src = t.input(shape, layout);
                Operand dst = t.output(shape, layout, beta);
                t.call((kernels, on) -> kernels.dropout(on.of(dst), on.of(src), p, KEY, beta));
                t.agrees(dst, 1);
            });
        }
        checks.each("dropout", " in place", KernelContract.SHAPES, (t, shape, layout) -> {
            Operand x = t.output(shape, layout, 1);
            t.call((kernels, on) -> kernels.dropout(on.of(x), on.of(x), 0.1, KEY, 0));
            t.agrees(x, 1);
        });
    }
}
