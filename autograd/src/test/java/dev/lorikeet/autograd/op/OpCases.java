package dev.lorikeet.autograd.op;

import static dev.lorikeet.autograd.op.OpCase.dims;

import dev.lorikeet.autograd.Activation;
import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.TestEngine;
import dev.lorikeet.autograd.Variable;
import dev.lorikeet.tensor.Shape;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.tensor.UnaryFunction;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/// The ops that work on rows and elements; those that mix rows are in [MixingOpCases].
final class OpCases {
    private static final Set<UnaryFunction> POSITIVE_ONLY =
            EnumSet.of(UnaryFunction.LOG, UnaryFunction.SQRT, UnaryFunction.RSQRT, UnaryFunction.RECIPROCAL);

    private OpCases() {}

    static List<OpCase> all() {
        List<OpCase> cases = new ArrayList<>();
        elementwise(cases);
        maps(cases);
        selections(cases);
        reductions(cases);
        normalisations(cases);
        cases.add(OpCase.of(Recompute.class, "",
                (tape, in, _) -> Recompute.recomputed(tape, in[0], OpCases::block), dims(3, 5)));
        lookUps(cases);
        return cases;
    }

    /// A block with dropout, a residual connection, and a variable used twice.
    private static Activation block(Tape tape, Variable x) {
        Activation h = Elementwise.apply(tape, x, UnaryFunction.GELU_TANH);
        return Add.apply(tape, x, Dropout.apply(tape, Multiply.apply(tape, h, h), 0.3));
    }

    private static void elementwise(List<OpCase> cases) {
        cases.add(OpCase.of(Add.class, "",
                (tape, in, _) -> Add.apply(tape, in[0], in[1]), dims(3, 5), dims(3, 5)));
        cases.add(OpCase.of(Add.class, "with a factor",
                (tape, in, _) -> Add.apply(tape, in[0], -0.7, in[1]), dims(1, 7), dims(1, 7)));
        cases.add(OpCase.of(Add.class, "of a variable to itself",
                (tape, in, _) -> Add.apply(tape, in[0], in[0]), dims(3, 5)));
        cases.add(OpCase.of(Add.class, "of a variable to itself with a factor",
                (tape, in, _) -> Add.apply(tape, in[0], 0.3, in[0]), dims(3, 5)));
        cases.add(OpCase.of(Multiply.class, "",
                (tape, in, _) -> Multiply.apply(tape, in[0], in[1]), dims(2, 3, 3), dims(2, 3, 3)));
        cases.add(OpCase.of(Multiply.class, "of a variable by itself",
                (tape, in, _) -> Multiply.apply(tape, in[0], in[0]), dims(3, 5)));
        cases.add(OpCase.of(Scale.class, "", (tape, in, _) -> Scale.apply(tape, in[0], -1.5), dims(13)));
        cases.add(OpCase.of(Dropout.class, "",
                (tape, in, _) -> (Activation) Dropout.apply(tape, in[0], 0.3), dims(7, 9)));
        cases.add(OpCase.of(Dropout.class, "drawn twice from the same variable",
                (tape, in, _) -> Multiply.apply(
                        tape, Dropout.apply(tape, in[0], 0.2), Dropout.apply(tape, in[0], 0.2)),
                dims(7, 9)));
        cases.add(OpCase.of(Reshape.class, "",
                (tape, in, _) -> Elementwise.apply(tape, Reshape.apply(tape, in[0], Shape.of(5, 3)),
                        UnaryFunction.TANH),
                dims(3, 5)));
        cases.add(OpCase.of(Reshape.class, "beside the original",
                (tape, in, _) -> Add.apply(
                        tape, Elementwise.apply(tape, in[0], UnaryFunction.TANH),
                        Reshape.apply(tape, in[0], Shape.of(3, 5))),
                dims(3, 5)));
    }

    private static void maps(List<OpCase> cases) {
        for (UnaryFunction f : UnaryFunction.values()) {
            cases.add(new OpCase(Elementwise.class, f.name(),
                    engine -> List.of(POSITIVE_ONLY.contains(f) ? engine.positive(3, 5) : engine.normal(3, 5)),
                    (tape, in, _) -> Elementwise.apply(tape, in[0], f)));
        }
    }

    private static void selections(List<OpCase> cases) {
        cases.add(OpCase.of(SelectRows.class, "with repetition",
                (tape, in, engine) -> SelectRows.apply(tape, in[0], engine.ints(3, 0, 3, 4, 3)), dims(5, 3)));
        cases.add(OpCase.of(SelectRows.class, "of a single row",
                (tape, in, engine) -> SelectRows.apply(tape, in[0], engine.ints(1)), dims(2, 1)));
        cases.add(OpCase.of(SelectRows.class, "of nothing",
                (tape, in, engine) -> SelectRows.apply(tape, in[0], engine.ints()), dims(2, 3)));
        cases.add(OpCase.of(Take.class, "a transposition",
                (tape, in, engine) -> Take.apply(tape, in[0], engine.ints(0, 3, 1, 4, 2, 5), Shape.of(3, 2)),
                dims(2, 3)));
        cases.add(OpCase.of(Take.class, "with repetition, gaps and zeros",
                (tape, in, engine) -> Take.apply(tape, in[0], engine.ints(4, -1, 4, 0, 4, -1, 2), Shape.of(7)),
                dims(5)));
    }

    private static void reductions(List<OpCase> cases) {
        cases.add(OpCase.of(Sum.class, "", (tape, in, _) -> Sum.apply(tape, in[0], 0.25), dims(3, 5)));
        cases.add(OpCase.of(Sum.class, "of one element", (tape, in, _) -> Sum.apply(tape, in[0], 2), dims(1)));
        cases.add(OpCase.of(Sum.class, "twice",
                (tape, in, _) -> Add.apply(tape, Sum.apply(tape, in[0], 1), Sum.apply(tape, in[0], -3)), dims(3, 5)));
        cases.add(OpCase.of(SumRows.class, "", (tape, in, _) -> SumRows.apply(tape, in[0]), dims(4, 7)));
        cases.add(OpCase.of(SumRows.class, "of one row", (tape, in, _) -> SumRows.apply(tape, in[0]), dims(1, 3)));
        cases.add(OpCase.of(SumRows.class, "twice",
                (tape, in, _) -> Multiply.apply(tape, SumRows.apply(tape, in[0]), SumRows.apply(tape, in[0])),
                dims(3, 5)));
        for (int visible : new int[] {Softmax.ALL, 0, 2}) {
            cases.add(OpCase.of(Softmax.class, visible == Softmax.ALL ? "" : "row i sees columns to i + " + visible,
                    (tape, in, _) -> Softmax.apply(tape, in[0], visible), dims(5, 7)));
        }
    }

    private static void normalisations(List<OpCase> cases) {
        cases.add(OpCase.of(LayerNorm.class, "",
                (tape, in, _) -> LayerNorm.apply(tape, in[0], in[1], in[2], 1e-5), dims(4, 7), dims(7), dims(7)));
        cases.add(OpCase.of(LayerNorm.class, "of two columns, large epsilon",
                (tape, in, _) -> LayerNorm.apply(tape, in[0], in[1], in[2], 0.5), dims(1, 2), dims(2), dims(2)));
        cases.add(OpCase.of(LayerNorm.class, "without rows",
                (tape, in, _) -> LayerNorm.apply(tape, in[0], in[1], in[2], 1e-5), dims(0, 3), dims(3), dims(3)));
        cases.add(OpCase.of(Magnitude.class, "with a bias",
                (tape, in, engine) -> Magnitude.apply(
                        tape, in[0], in[1], engine.doubles(Shape.of(7), 0.5, 1, 2, 0.1, 3, -1, 0), in[2]),
                dims(4, 7), dims(7), dims(7)));
        cases.add(OpCase.of(Magnitude.class, "without a bias, of many rows",
                (tape, in, engine) -> Magnitude.apply(tape, in[0], in[1], inverseNorms(engine), null),
                dims(2, 5, 3), dims(3)));
        cases.add(OpCase.of(Magnitude.class, "one vector as magnitudes and bias",
                (tape, in, engine) -> Magnitude.apply(tape, in[0], in[1], inverseNorms(engine), in[1]), dims(1, 3),
                dims(3)));
        cases.add(OpCase.of(Magnitude.class, "without rows",
                (tape, in, engine) -> Magnitude.apply(tape, in[0], in[1], inverseNorms(engine), in[2]),
                dims(0, 3), dims(3), dims(3)));
        cases.add(OpCase.of(LayerNorm.class, "one vector as weight and bias",
                (tape, in, _) -> LayerNorm.apply(tape, in[0], in[1], in[1], 1e-5), dims(2, 3), dims(3)));
    }

    private static Tensor inverseNorms(TestEngine engine) {
        return engine.doubles(Shape.of(3), 0.5, 1.7, 0.2);
    }

    private static void lookUps(List<OpCase> cases) {
        cases.add(OpCase.of(EmbeddingSum.class, "with repetition and gaps",
                (tape, in, engine) -> EmbeddingSum.apply(tape, in[0], engine.ints(6, -1, 0, 6, 2)), dims(7, 3)));
        cases.add(OpCase.of(EmbeddingSum.class, "of tokens and positions",
                (tape, in, engine) -> EmbeddingSum.apply(
                        tape, in, new Tensor[] {engine.ints(6, 5, 0, 6, -1), engine.ints(0, 1, 2, 0, 1)}),
                dims(7, 3), dims(4, 3)));
        cases.add(OpCase.of(EmbeddingSum.class, "twice from one table",
                (tape, in, engine) -> EmbeddingSum.apply(
                        tape, new Variable[] {in[0], in[0]}, new Tensor[] {engine.ints(1, 0, 2),
                        engine.ints(-1, 0, 1)}),
                dims(3, 5)));
    }
}
