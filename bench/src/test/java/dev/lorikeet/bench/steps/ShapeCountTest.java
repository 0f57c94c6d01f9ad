package dev.lorikeet.bench.steps;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lorikeet.bench.gpu.E2eLengths;
import dev.lorikeet.models.batch.LabelledBatch;
import dev.lorikeet.models.batch.TokenBatch;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/// Few shapes at a small price, for the lengths of real data.
final class ShapeCountTest {
    @Test
    void batches_of_e2e_have_few_shapes_when_they_are_filled_up() {
        List<TokenBatch> batches = E2eLengths.batches(301);
        ShapeCount plain = ShapeCount.asTheyAre(batches);
        assertThat(plain.shapes()).isEqualTo(batches.size());
        assertThat(plain.fillingRows()).isZero();
        ShapeCount filled = ShapeCount.filledUp(batches);
        assertThat(filled.shapes()).isLessThan(20);
        assertThat(filled.repeated()).isEqualTo(1 - filled.shapes() / 64.0);
        assertThat(filled.fillingRows()).isBetween(0.0, 0.06);
        assertThat(filled.fillingLabels()).isBetween(0.0, 0.12);
    }

    @Test
    void batches_of_glue_have_few_shapes_when_they_are_filled_up() {
        for (GlueLengths glue : GlueLengths.all()) {
            TextLengths lengths = TextLengths.published(glue.task()).cutTo(GlueLengths.LONGEST);
            var data = GlueLengths.batches(glue.config(), lengths, GlueLengths.TEXTS);
            List<LabelledBatch> batches =
                    LongStream.range(0, 300).mapToObj(step -> data.window(step).getFirst()).toList();
            assertThat(ShapeCount.asTheyAre(batches).repeated()).as(glue.task()).isLessThan(0.01);
            ShapeCount filled = ShapeCount.filledUp(batches);
            assertThat(filled.repeated()).as(glue.task()).isGreaterThan(0.9);
            assertThat(filled.fillingRows()).as(glue.task()).isLessThan(0.06);
            assertThat(filled.fillingLabels()).as("labels of texts").isZero();
        }
    }
}
