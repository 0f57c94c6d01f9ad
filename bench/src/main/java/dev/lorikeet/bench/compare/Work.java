package dev.lorikeet.bench.compare;

/// What one run of a contender has to do at least, for rates and for the roofline.
///
/// @param flops floating-point operations, a multiply-add counted as two; 0 if they do not say much
/// @param bytes bytes that have to be read or written at least once; 0 if they do not say much
/// @param items tokens, examples, elements: whatever `unit` says
/// @param unit  name of one item in the plural, such as `tokens`; empty if there are none
public record Work(double flops, double bytes, double items, String unit) {
    /// Work measured by its operations and its bytes.
    public static Work of(double flops, double bytes) {
        return new Work(flops, bytes, 0, "");
    }

    /// Work measured by a number of items.
    public static Work items(double items, String unit) {
        return new Work(0, 0, items, unit);
    }

    /// Operations per byte; not a number if one of them is unknown.
    public double intensity() {
        return flops > 0 && bytes > 0 ? flops / bytes : Double.NaN;
    }
}
