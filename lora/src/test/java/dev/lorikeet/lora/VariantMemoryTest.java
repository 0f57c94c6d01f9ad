package dev.lorikeet.lora;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lorikeet.autograd.Activation;
import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.op.Sum;
import dev.lorikeet.autograd.op.WeightOrder;
import dev.lorikeet.nn.Embedding;
import dev.lorikeet.nn.Initializer;
import dev.lorikeet.nn.Projection;
import dev.lorikeet.nn.Projections;
import dev.lorikeet.nn.WeightSource;
import dev.lorikeet.nn.WeightStore;
import dev.lorikeet.nn.Weights;
import dev.lorikeet.tensor.Backend;
import dev.lorikeet.tensor.Backends;
import dev.lorikeet.tensor.DType;
import dev.lorikeet.tensor.Pool;
import dev.lorikeet.tensor.RandomKey;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// What holds for plain LoRA holds for its variants: steps that allocate nothing, nothing kept below the first adapter,
/// nothing left behind.
class VariantMemoryTest {
    private static final int C = 24;

    static Stream<LoraConfig> variants() {
        LoraConfig plain = LoraConfig.of(3, 8, "top").toBuilder().dropout(0.1).build();
        return Stream.of(
                plain,
                plain.toBuilder().variant(new Dora()).build(),
                plain.toBuilder().variant(new Dora()).dropout(0).build(),
                plain.toBuilder().variant(new OutputBias()).bias(BiasMode.LORA_ONLY).build(),
                plain.toBuilder().variant(new Pissa()).build(),
                plain.toBuilder().targets(Targets.parse("wte,top")).build(),
                plain.toBuilder().targets(Targets.parse("wte,top")).variant(new Dora()).build());
    }

    /// `top(bottom(wte[ids]))`
    private record Stack(Embedding wte, Projection bottom, Projection top) {
        static Stack of(Weights weights, Projections projections) {
            Initializer normal = Initializer.normal(0.3);
            return new Stack(
                    projections.embedding(weights.at("wte"), 40, C, null, normal, -1),
                    projections.create(weights.at("bottom"), C, C, WeightOrder.OUT_IN, normal),
                    projections.create(weights.at("top"), C, C, WeightOrder.IN_OUT, normal));
        }

        Activation forward(Tape tape) {
            int[] ids = new int[64];
            for (int i = 0; i < ids.length; i++) {
                ids[i] = i % 40;
            }
            return top.forward(tape, bottom.forward(tape, wte.forward(tape, ids)));
        }
    }

    @ParameterizedTest
    @MethodSource("variants")
    void steps_allocate_nothing_from_the_second_on(LoraConfig config) {
        try (Backend backend = Backends.open("cpu:1"); Pool pool = new Pool(backend)) {
            WeightStore store = new WeightStore(backend, WeightSource.random(1), DType.F32);
            LoraAdapter adapter = LoraAdapter.fresh(config, store, 1);
            Stack model = AdaptedModel.build(store, List.of(adapter), Stack::of).model();
            long after = 0;
            for (int step = 0; step < 4; step++) {
                try (Tape tape = Tape.training(pool, new RandomKey(1, step))) {
                    tape.backward(Sum.apply(tape, model.forward(tape), 1));
                }
                assertThat(pool.usedBytes()).isZero();
                after = step == 0 ? pool.allocations() : after;
            }
            assertThat(pool.allocations()).isEqualTo(after);
            assertThat(adapter.trainables()).allMatch(weight -> weight.hasGrad());
        }
    }

    @ParameterizedTest
    @MethodSource("variants")
    void nothing_is_recorded_below_the_first_adapter(LoraConfig config) {
        if (config.targets().match("wte").isPresent()) {
            return;                                         // there the first adapter is at the bottom
        }
        try (Backend backend = Backends.open("cpu:1"); Pool pool = new Pool(backend)) {
            WeightStore store = new WeightStore(backend, WeightSource.random(1), DType.F32);
            LoraAdapter adapter = LoraAdapter.fresh(config, store, 1);
            Stack model = AdaptedModel.build(store, List.of(adapter), Stack::of).model();
            try (Tape tape = Tape.training(pool, new RandomKey(1, 1))) {
                Activation x = model.bottom.forward(tape, model.wte.forward(tape, new int[] {3, 4}));
                assertThat(x.isTracked()).isFalse();
                assertThat(tape.size()).isZero();
                assertThat(model.top.forward(tape, x).isTracked()).isTrue();
            }
        }
    }

    @ParameterizedTest
    @MethodSource("variants")
    void closing_an_adapter_gives_all_its_memory_back(LoraConfig config) {
        try (Backend backend = Backends.open("scalar")) {
            AtomicInteger open = new AtomicInteger();
            WeightStore store = new WeightStore(counting(backend, open), WeightSource.random(1), DType.F32);
            AdaptedModel.build(store, List.of(), Stack::of);
            int before = open.get();
            for (int cycle = 0; cycle < 3; cycle++) {
                LoraAdapter adapter = LoraAdapter.fresh(config, store, 1);
                AdaptedModel<Stack> model = AdaptedModel.build(store, List.of(adapter), Stack::of);
                Merge.of(model, store, MergeOptions.defaults()).close();
                StoredAdapter stored = adapter.snapshot();
                adapter.close();
                LoraAdapter frozen = LoraAdapter.frozen("default", stored, store);
                AdaptedModel.build(store, List.of(frozen), Stack::of);
                frozen.close();
                assertThat(open.get()).isEqualTo(before);
            }
        }
    }

    /// `backend`, counting the storages that are allocated and not yet freed.
    private static Backend counting(Backend backend, AtomicInteger open) {
        return (Backend) Proxy.newProxyInstance(
                Backend.class.getClassLoader(), new Class<?>[] {Backend.class}, (proxy, method, arguments) -> {
                    if (method.isDefault()) {
                        return InvocationHandler.invokeDefault(proxy, method, arguments);
                    }
                    if (method.getName().equals("allocate")) {
                        open.incrementAndGet();
                    } else if (method.getName().equals("free")) {
                        open.decrementAndGet();
                    }
                    return method.invoke(backend, arguments);
                });
    }
}
