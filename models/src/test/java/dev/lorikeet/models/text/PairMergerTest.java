package dev.lorikeet.models.text;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;

class PairMergerTest {
    /// Random merges over 4 letters, in no sensible order, so that ranks rise and fall along a word.
    private static MergeTable randomMerges(Random random, int merges) {
        var table = new MergeTable(merges);
        for (int i = 0; i < merges; i++) {
            table.add(random.nextInt(4 + i), random.nextInt(4 + i), 4 + i);
        }
        return table;
    }

    @Test
    void heap_and_scan_merge_alike() {
        var random = new Random(11);
        for (int round = 0; round < 2000; round++) {
            var merger = new PairMerger(randomMerges(random, 1 + random.nextInt(40)));
            int[] ids = random.ints(random.nextInt(120), 0, 4).toArray();
            assertThat(merger.mergeByHeap(ids.clone())).containsExactly(merger.mergeByScan(ids.clone()));
        }
    }

    @Test
    void a_pair_listed_twice_keeps_its_last_rank() {
        var table = new MergeTable(3);
        table.add(0, 1, 10);
        table.add(1, 2, 11);
        table.add(0, 1, 12);
        assertThat(table.rank(0, 1)).isEqualTo(2);
        assertThat(table.rank(2, 1)).isEqualTo(MergeTable.NONE);
        assertThat(new PairMerger(table).merge(new int[] {0, 1, 2})).containsExactly(0, 11);
    }
}
