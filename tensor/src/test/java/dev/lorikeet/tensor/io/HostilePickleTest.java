package dev.lorikeet.tensor.io;

import static dev.lorikeet.tensor.io.TorchPickles.call;
import static dev.lorikeet.tensor.io.TorchPickles.dict;
import static dev.lorikeet.tensor.io.TorchPickles.floats;
import static dev.lorikeet.tensor.io.TorchPickles.global;
import static dev.lorikeet.tensor.io.TorchPickles.littleEndian;
import static dev.lorikeet.tensor.io.TorchPickles.number;
import static dev.lorikeet.tensor.io.TorchPickles.pickle;
import static dev.lorikeet.tensor.io.TorchPickles.tensor;
import static dev.lorikeet.tensor.io.TorchPickles.text;
import static dev.lorikeet.tensor.io.TorchPickles.tuple;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Pickles that want to run code, or memory, or bytes that are not theirs.
class HostilePickleTest {
    private static final Map<String, byte[]> SIX_FLOATS = Map.of("0", new byte[24]);

    @TempDir
    Path temp;

    private void refused(String value, String... reasons) {
        Path file = TorchPickles.archive(temp.resolve("x.pt"), pickle(value), SIX_FLOATS);
        assertThatThrownBy(() -> TorchFile.open(file))
                .isInstanceOf(FormatException.class)
                .hasMessageStartingWith(file + ": ")
                .hasMessageContainingAll(reasons);
    }

    @Test
    void names_of_code_are_refused_before_anything_is_called() {
        refused(call(global("os", "system"), text("true")), "'os.system'");
        refused(call(global("posix", "system"), text("true")), "'posix.system'");
        refused(global("builtins", "eval"), "'builtins.eval'");
        refused(global("torch._utils", "_rebuild_qtensor"), "'torch._utils._rebuild_qtensor'");
        refused(global("torch", "ComplexFloatStorage"), "'torch.ComplexFloatStorage'");
        refused("\u008c\u0002os\u008c\u0006system\u0093", "'os.system'");
        refused(global("numpy.core.multiarray", "_reconstruct"), "'numpy.core.multiarray._reconstruct'", "state dict");
        refused(global("torch", "FloatStorage\u0000"), "'torch.FloatStorage\\u0000'");
    }

    @Test
    void calls_and_attributes_of_anything_else_are_refused() {
        refused(call(global("torch", "FloatStorage"), number(1)), "a call of ");
        refused(call(text("print")), "a call of a string");
        refused(floats(number(6)) + dict() + "b", "attributes for a storage");
        refused(dict(text("a"), text("b")) + text("state") + "b", "attributes for a dict");
    }

    @Test
    void opcodes_outside_of_torch_save_are_named() {
        refused("(ios\nsystem\n", "opcode 0x69");
        refused(global("collections", "OrderedDict") + ")\u0081", "opcode 0x81");
        refused("\u0082\u0001", "opcode 0x82");
        refused("I1\n", "opcode 0x49");
        refused("\u00ff", "opcode 0xff");
    }

    @Test
    void deep_nesting_is_refused_without_recursion() {
        int depth = 1_000_000;
        refused("]".repeat(depth) + "a".repeat(depth - 1), "at most 64 levels");
        refused(")" + "\u0085".repeat(depth), "at most 64 levels");
    }

    @Test
    void a_list_that_contains_itself_is_refused() {
        refused("]q\u0001h\u0001a", "at most 64 levels");
    }

    @Test
    void a_small_pickle_does_not_become_a_large_tree() {
        StringBuilder bomb = new StringBuilder("]q\u0000K\u0001a");
        for (int i = 1; i < 60; i++) {
            char before = (char) (i - 1);
            bomb.append("](h").append(before).append('h').append(before).append("eq").append((char) i);
        }
        String chain = bomb.toString();
        refused(tuple(chain), "4000000 values");
    }

    @Test
    void a_small_pickle_does_not_become_long_names() {
        String key = text("k".repeat(1_000_000)) + "q\u0001";
        StringBuilder nested = new StringBuilder("}" + key + "K\u0001s");
        for (int i = 0; i < 60; i++) {
            nested.append("q\u0002}h\u0001h\u0002s");
        }
        refused(tuple(nested.toString()), "characters of names");
    }

    @Test
    void lengths_beyond_the_pickle_are_refused() {
        refused("X" + littleEndian(-1), "a length of at most");
        refused("X" + littleEndian(1_000), "a length of at most");
        refused("K\u0001J.", "4 more bytes of the pickle, found 2");
        refused("\u008d" + littleEndian(-1) + littleEndian(0x7fffffff), "a length of at most");
        refused("\u008b" + littleEndian(-1), "a length of at most 255");
        refused("\u008b" + littleEndian(0x7fffffff), "a length of at most 255");
    }

    @Test
    void stack_and_memo_are_checked() {
        refused("", "a value on the stack");
        refused("NN", "an empty stack");
        refused("(", "a value on the stack");
        refused("a", "1 values on the stack");
        refused("t", "a mark");
        refused("h\u0007", "memo entry 7");
        refused("q\u0001", "a value on the stack");
        refused("N(\u0086", "2 values on the stack");
        refused("(NNe", "a value on the stack");
        refused("N(NNe", "a list to append to, found None");
        refused("}(Nu", "a dict, keys and values");
        refused(")Na", "a list to append to");
        refused("}]Ns", "strings and numbers as dict keys, found a list or tuple");
    }

    @Test
    void tensors_must_lie_within_their_storage() {
        String six = floats(number(6));
        refused(tensor(six, number(0), tuple(number(7)), tuple(number(1))), "tensor 'tensor'", "(7)");
        refused(tensor(six, number(5), tuple(number(2)), tuple(number(1))), "from element 5");
        refused(tensor(six, number(0), tuple(number(2), number(2)), tuple(number(5), number(1))), "strides [5, 1]");
        refused(tensor(six, number(1L << 62), tuple(number(1)), tuple(number(1))), "within storage '0'");
        refused(tensor(six, number(0), tuple(number(2)), tuple(number(Long.MAX_VALUE))), "within storage '0'");
        refused(tensor(floats(number(7)), number(0), tuple(number(6)), tuple(number(1))), "7 elements", "24 bytes");
        refused(tensor(floats(number(1L << 62)), number(0), tuple(number(6)), tuple(number(1))), "24 bytes");
        refused(tensor(six.replace(text("0"), text("1")), number(0), tuple(number(1)), tuple(number(1))),
                "the data of storage '1'");
    }

    @Test
    void impossible_sizes_are_refused() {
        String six = floats(number(6));
        refused(tensor(six, number(-1), tuple(number(1)), tuple(number(1))), "integer >= 0", "-1");
        refused(tensor(six, number(0), tuple(number(-1)), tuple(number(1))), "integer >= 0", "-1");
        refused(tensor(six, number(0), tuple(number(1)), tuple(number(-1))), "integer >= 0 and below 2^63 in strides");
        refused(tensor(six, number(0), tuple(number(1L << 31)), tuple(number(0))), "below 2^31");
        refused(tensor(six, number(0), tuple(number(1), number(1)), tuple(number(1))), "a stride for each");
        refused(tensor(six, number(0), tuple(number(1).repeat(65)), tuple(number(1).repeat(65))), "at most 64 extents");
        refused(tensor(six, number(0), tuple(text("1")), tuple(number(1))), "found a string");
        refused(tensor(six, number(0), number(1), tuple(number(1))), "a tuple as a size");
        refused(tensor(text("0"), number(0), tuple(number(1)), tuple(number(1))), "_rebuild_tensor_v2(storage");
        String many = number(Integer.MAX_VALUE).repeat(3);
        refused(tensor(six, number(0), tuple(many), tuple(number(0).repeat(3))), "below 2^63 bytes");
    }

    @Test
    void a_view_that_repeats_elements_cannot_ask_for_any_amount_of_memory() {
        String wide = tensor(floats(number(6)), number(0), tuple(number(1000), number(1_000_000)),
                tuple(number(0), number(0)));
        refused(wide, "not much more memory than the file's");
        String small = tensor(floats(number(6)), number(1), tuple(number(3), number(2)), tuple(number(0), number(2)));
        try (TorchFile file = TorchFile.open(TorchPickles.archive(temp.resolve("y"), pickle(small), Map.of("0",
                TorchPickles.bytes("aaaabbbbccccddddeeeeffff"))))) {
            assertThat(Fixtures.bytes(file.bytes("tensor"))).asString().isEqualTo("bbbbddddbbbbddddbbbbdddd");
        }
    }

    @Test
    void references_to_modules_are_refused() {
        refused(tuple(text("module"), text("a"), text("b"), text("c"), text("d")) + "Q", "save model.state_dict()");
        refused(text("0") + "Q", "references to storages");
        refused(tuple(text("storage"), text("FloatStorage"), text("0"), text("cpu"), number(1)) + "Q",
                "references to storages");
    }

    @Test
    void two_values_of_one_name_are_refused() {
        refused(dict(text("a.b"), "N", text("a"), dict(text("b"), "N")), "tensor 'a.b'", "two in the pickle");
    }
}
