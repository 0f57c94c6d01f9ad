package dev.lorikeet.models.metric.nlg;

/// What becomes of BLEU's precision of an order in which nothing matched.
///
/// @param kind  the rule
/// @param value the constant of [Kind#FLOOR]; otherwise unused
record Smoothing(Kind kind, double value) {
    enum Kind {
        /// 0, and with it the score.
        NONE,
        /// `1/2^k` over the order's total for the k-th such order: mteval's rule, sacreBLEU's `exp`.
        EXPONENTIAL,
        /// A constant over the order's total.
        FLOOR,
        /// `(matches + 1e-15) / (total + 1e-9)` for every order, as the captioning scorers have it.
        COCO
    }

    static final Smoothing NONE = new Smoothing(Kind.NONE, 0);
    static final Smoothing EXPONENTIAL = new Smoothing(Kind.EXPONENTIAL, 0);
    static final Smoothing COCO = new Smoothing(Kind.COCO, 0);

    static Smoothing floor(double value) {
        return new Smoothing(Kind.FLOOR, value);
    }

    /// @param matches of one order
    /// @param total   of the same
    /// @param empty   how many orders up to and with this one had no match
    double precision(long matches, long total, int empty) {
        if (kind == Kind.COCO) {
            return (matches + 1e-15) / (total + 1e-9);
        }
        if (matches > 0) {
            return (double) matches / total;
        }
        return switch (kind) {
            case EXPONENTIAL -> 1 / (Math.pow(2, empty) * total);
            case FLOOR -> value / total;
            default -> 0;
        };
    }
}
