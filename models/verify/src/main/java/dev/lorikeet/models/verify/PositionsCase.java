package dev.lorikeet.models.verify;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lorikeet.models.roberta.RobertaPositions;
import dev.lorikeet.models.verify.golden.CaseKind;
import dev.lorikeet.models.verify.golden.Golden;
import dev.lorikeet.models.verify.golden.GoldenCase;
import dev.lorikeet.tensor.Pool;
import dev.lorikeet.tensor.Sequences;
import java.util.Arrays;
import java.util.function.IntUnaryOperator;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;

/// Kind `positions`: position ids of RoBERTa and of generation from padded prompts, relative positions of DeBERTa-v2.
final class PositionsCase implements CaseKind {
    @Override
    public void replay(GoldenCase golden, Pool pool) {
        for (JsonNode node : golden.manifest().get("cases")) {
            String tag = node.path("tag").asText();
            if (golden.has(tag + "/input_ids")) {
                roberta(golden, tag, node.path("padding_idx").intValue());
            } else if (node.has("position_buckets")) {
                deberta(golden, tag, node);
            } else {
                golden.notChecked(tag, "neither RoBERTa's nor DeBERTa's positions");
            }
        }
        if (golden.has("generate/attention_mask")) {
            Golden mask = golden.input("generate/attention_mask");
            rows(golden, "generate/position_ids", mask, PaddedPrompts::positions);
        }
    }

    private static void roberta(GoldenCase golden, String tag, int padding) {
        rows(golden, tag + "/position_ids", golden.input(tag + "/input_ids"),
                ids -> RobertaPositions.of(ids, Sequences.of(ids.length), padding));
    }

    private static void rows(
            GoldenCase golden, String name, Golden input, UnaryOperator<int[]> positions) {
        double[] all = IntStream.range(0, input.shape().rows())
                .mapToObj(input::row)
                .flatMapToInt(row -> Arrays.stream(positions.apply(row)))
                .asDoubleStream().toArray();
        golden.check(name, all);
    }

    private static void deberta(GoldenCase golden, String tag, JsonNode node) {
        RelativePositions positions = new RelativePositions(
                node.path("position_buckets").intValue(), node.path("max_relative_positions").intValue());
        int length = node.path("length").intValue();
        differences(golden, tag + "/bucket_by_difference", length, positions::bucket);
        differences(golden, tag + "/c2p_index", length, positions::contentToPosition);
        differences(golden, tag + "/p2c_index", length, positions::positionToContent);
        golden.checkNumbers(tag + " att_span", new double[] {node.path("att_span").doubleValue()},
                new double[] {positions.span()}, 0);
    }

    private static void differences(GoldenCase golden, String name, int length, IntUnaryOperator function) {
        golden.check(name, IntStream.range(-(length - 1), length).map(function).asDoubleStream().toArray());
    }
}
