package dev.lorikeet.bench.peers.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.lorikeet.bench.compare.Contender;
import dev.lorikeet.bench.compare.Contest;
import dev.lorikeet.nn.BaseDType;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class DecodeContestTest {
    @ParameterizedTest
    @EnumSource(names = {"STORED", "VECTOR"})
    void both_generate_the_same_tokens(TorchMatrix.Form form) {
        try (DecodeContest contest = new DecodeContest(StepPairTest.SMALL, 20, 30, BaseDType.F32);
                TorchDecoder decoder = contest.torch(form)) {
            assertThat(contest.generate(decoder)).hasSize(30).containsExactly(contest.ours());
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"F32", "BF16", "INT8"})
    void all_contenders_see_the_same_logit_behind_the_prompt(BaseDType base) {
        try (Contest contest = new DecodeContest(StepPairTest.SMALL, 20, 3, base).contest()) {
            double ours = contest.contenders().getFirst().run();
            assertThat(ours).isPositive();
            for (Contender contender : contest.contenders()) {
                assertThat(contender.run()).as(contender.name()).isCloseTo(ours, within(0.03 * ours));
            }
        }
    }
}
