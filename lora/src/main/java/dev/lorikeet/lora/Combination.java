package dev.lorikeet.lora;

import dev.lorikeet.tensor.DType;
import dev.lorikeet.tensor.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/// Several adapters of one base as one, with weights: `ΔW = Σ wᵢ·sᵢ·Bᵢ·Aᵢ`, or near it (PEFT's `add_weighted_adapter`).
/// A module that only some adapters update gets the sum of those. All is computed in double, without the base.
///
/// The result has scale 1, so every module's alpha is its rank.
public final class Combination {
    /// How the update of a module is made of several.
    public enum Method {
        /// `A = Σ √(wᵢsᵢ)·Aᵢ`, `B = Σ √(wᵢsᵢ)·Bᵢ` for updates of one rank. It keeps the rank but is *not* the sum of
        /// the updates: `B·A` also has the products of one adapter's B with another's A.
        LINEAR,
        /// The A's below each other, the B's side by side: exactly the sum. The ranks add up.
        CAT,
        /// The best approximation of the sum of a given rank (Eckart–Young): exact if the rank suffices.
        SVD
    }

    private final List<StoredAdapter> adapters;
    private final double[] weights;
    private final Method method;
    private final int rank;

    private Combination(List<StoredAdapter> adapters, double[] weights, Method method, int rank) {
        this.adapters = adapters;
        this.weights = weights;
        this.method = method;
        this.rank = rank;
    }

    /// Combines adapters.
    ///
    /// @param weights one per adapter
    /// @param rank    for [Method#SVD], 0 for the largest that the module's updates have; otherwise 0
    /// @throws IllegalArgumentException saying what cannot be combined
    public static StoredAdapter of(List<StoredAdapter> adapters, double[] weights, Method method, int rank) {
        if (adapters.isEmpty() || adapters.size() != weights.length) {
            throw new IllegalArgumentException("%d adapters cannot have %d weights: give one for each"
                    .formatted(adapters.size(), weights.length));
        }
        if (!Arrays.stream(weights).allMatch(Double::isFinite)) {
            throw new IllegalArgumentException("weights must be numbers, were " + Arrays.toString(weights));
        }
        if (rank < 0 || (rank > 0 && method != Method.SVD)) {
            throw new IllegalArgumentException("a rank of %d cannot be chosen for %s".formatted(rank, method));
        }
        List<StoredAdapter> full = adapters.stream().map(BlockForm::expand).toList();
        full.forEach(Combination::requirePlain);
        return new Combination(full, weights, method, rank).combined();
    }

    private static void requirePlain(StoredAdapter adapter) {
        adapter.config().variant().notCombinable().ifPresent(why -> {
            throw new IllegalArgumentException(why);
        });
        if (!adapter.saved().isEmpty()) {
            throw new IllegalArgumentException("whole weights have no sum, and one adapter replaces %s: only updates "
                    .formatted(NearMatches.tree(adapter.saved().keySet())) + "by A and B can be combined");
        }
    }

    private StoredAdapter combined() {
        TreeSet<String> paths = new TreeSet<>();
        adapters.forEach(adapter -> paths.addAll(adapter.deltas().keySet()));
        TreeMap<String, StoredDelta> deltas = new TreeMap<>();
        Map<String, Integer> ranks = new TreeMap<>();
        Map<String, Double> alphas = new TreeMap<>();
        List<Targets.Name> names = new ArrayList<>();
        for (String path : paths) {
            StoredDelta delta = combined(path);
            deltas.put(path, delta);
            ranks.put(path, delta.rank());
            alphas.put(path, (double) delta.rank());
            names.add(new Targets.Name(path, Columns.all()));
        }
        LoraConfig config = LoraConfig.builder().targets(targets(names, paths)).build().withModules(ranks, alphas);
        return new StoredAdapter(config, adapters.getFirst().about(), deltas, new TreeMap<>(), List.of());
    }

    /// The targets that all have in common say the same in fewer words; otherwise every module is named.
    private Targets targets(List<Targets.Name> names, TreeSet<String> paths) {
        Targets first = adapters.getFirst().config().targets();
        boolean same = adapters.stream().allMatch(adapter -> adapter.config().targets().equals(first)
                && adapter.config().layers().isAll() && adapter.config().exclude().equals(Targets.none())
                && adapter.deltas().keySet().equals(paths));
        return same ? first : new Targets.Names(names);
    }

    private StoredDelta combined(String path) {
        List<Term> terms = new ArrayList<>();
        for (int i = 0; i < adapters.size(); i++) {
            StoredDelta delta = adapters.get(i).deltas().get(path);
            if (delta != null) {
                terms.add(new Term(delta, weights[i] * adapters.get(i).config().scaleFor(path)));
            }
        }
        StoredDelta first = terms.getFirst().delta;
        for (Term term : terms) {
            if (term.delta.in() != first.in() || term.delta.out() != first.out()
                    || term.delta.table() != first.table()) {
                throw new IllegalArgumentException("'%s' is %d -> %d in one adapter and %d -> %d in another: they are "
                        .formatted(path, first.in(), first.out(), term.delta.in(), term.delta.out())
                        + "not of one base");
            }
        }
        StoredDelta sum = switch (method) {
            case LINEAR -> linear(path, terms);
            case CAT -> cat(terms);
            case SVD -> svd(terms);
        };
        return first.table() ? sum.ofTable() : sum;
    }

    /// An update with its factor `wᵢ·sᵢ`.
    private record Term(StoredDelta delta, double factor) {}

    private static StoredDelta linear(String path, List<Term> terms) {
        int r = terms.getFirst().delta.rank();
        for (Term term : terms) {
            if (term.delta.rank() != r) {
                throw new IllegalArgumentException(("'%s' has rank %d in one adapter and %d in another: linear needs "
                        + "equal ranks, cat and svd do not").formatted(path, r, term.delta.rank()));
            }
            if (term.factor < 0) {
                throw new IllegalArgumentException(("linear splits each weight into two equal factors, which %s "
                        + "has not: use cat or svd").formatted(term.factor));
            }
        }
        double[][] a = new double[r][terms.getFirst().delta.in()];
        double[][] b = new double[terms.getFirst().delta.out()][r];
        for (Term term : terms) {
            add(a, term.delta.a(), Math.sqrt(term.factor), 0, 0);
            add(b, term.delta.b(), Math.sqrt(term.factor), 0, 0);
        }
        return stored(a, b);
    }

    private static StoredDelta cat(List<Term> terms) {
        return stored(stackedA(terms), stackedB(terms));
    }

    private static double[][] stackedA(List<Term> terms) {
        double[][] a = new double[terms.stream().mapToInt(term -> term.delta.rank()).sum()]
                [terms.getFirst().delta.in()];
        int row = 0;
        for (Term term : terms) {
            add(a, term.delta.a(), term.factor, row, 0);
            row += term.delta.rank();
        }
        return a;
    }

    private static double[][] stackedB(List<Term> terms) {
        double[][] b = new double[terms.getFirst().delta.out()]
                [terms.stream().mapToInt(term -> term.delta.rank()).sum()];
        int column = 0;
        for (Term term : terms) {
            add(b, term.delta.b(), 1, 0, column);
            column += term.delta.rank();
        }
        return b;
    }

    /// `P·Q` with `P = U₁·S₁·V₁ᵀ` and `(S₁·V₁ᵀ·Q)ᵀ = U₂·S₂·V₂ᵀ` is `(U₁·V₂)·S₂·U₂ᵀ`: the large sum is never formed.
    /// Each factor gets the square root of the singular values.
    private StoredDelta svd(List<Term> terms) {
        double[][] q = stackedA(terms);
        SingularValues first = SingularValues.of(stackedB(terms));
        int n = q.length;
        int in = q[0].length;
        double[][] tall = new double[in][n];
        for (int k = 0; k < n; k++) {
            for (int j = 0; j < n; j++) {
                double factor = first.values()[k] * first.v()[j][k];
                for (int i = 0; i < in; i++) {
                    tall[i][k] += factor * q[j][i];
                }
            }
        }
        SingularValues second = SingularValues.of(tall);
        int out = terms.getFirst().delta.out();
        int wanted = rank > 0 ? rank : terms.stream().mapToInt(term -> term.delta.rank()).max().orElseThrow();
        int r = Math.min(wanted, Math.min(n, Math.min(in, out)));
        double[][] a = new double[r][in];
        double[][] b = new double[out][r];
        for (int k = 0; k < r; k++) {
            double root = Math.sqrt(second.values()[k]);
            for (int i = 0; i < in; i++) {
                a[k][i] = root * second.u()[i][k];
            }
            for (int o = 0; o < out; o++) {
                for (int j = 0; j < n; j++) {
                    b[o][k] += root * first.u()[o][j] * second.v()[j][k];
                }
            }
        }
        return stored(a, b);
    }

    private static void add(double[][] into, StoredTensor matrix, double factor, int row, int column) {
        int cols = matrix.shape().cols();
        for (int i = 0; i < matrix.shape().rows(); i++) {
            for (int j = 0; j < cols; j++) {
                into[row + i][column + j] += factor * matrix.get((long) i * cols + j);
            }
        }
    }

    private static StoredDelta stored(double[][] a, double[][] b) {
        return StoredDelta.full(stored(a), stored(b));
    }

    private static StoredTensor stored(double[][] matrix) {
        StoredTensor tensor = StoredTensor.zeros(DType.F32, Shape.of(matrix.length, matrix[0].length));
        long at = 0;
        for (double[] row : matrix) {
            for (double value : row) {
                tensor.set(at++, value);
            }
        }
        return tensor;
    }
}
