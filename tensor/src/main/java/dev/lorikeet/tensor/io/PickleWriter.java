package dev.lorikeet.tensor.io;

import dev.lorikeet.tensor.DType;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// The pickle of a state dict as `torch.save` writes it (protocol 2), opcode for opcode: every tensor is
///
/// ```text
/// torch._utils._rebuild_tensor_v2(
///     persistent id ('storage', torch.FloatStorage, '<i>', 'cpu', elements),
///     0, (extents), (strides), False, OrderedDict())
/// ```
final class PickleWriter {
    /// Python's pickler closes a SETITEMS after this many entries.
    private static final int BATCH = 1000;

    private static final Map<DType, String> STORAGES = Map.of(
            DType.F64, "DoubleStorage", DType.F32, "FloatStorage", DType.BF16, "BFloat16Storage",
            DType.F16, "HalfStorage", DType.I64, "LongStorage", DType.I32, "IntStorage", DType.I16, "ShortStorage",
            DType.I8, "CharStorage", DType.U8, "ByteStorage", DType.BOOL, "BoolStorage");

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final Map<String, Integer> memo = new HashMap<>();
    private int memoized;

    private PickleWriter() {}

    /// An `OrderedDict` of tensors whose storages are named "0", "1", …
    static byte[] stateDict(List<TensorSource> tensors) {
        PickleWriter pickle = new PickleWriter();
        pickle.start();
        pickle.emptyOrderedDict();
        pickle.items(tensors);
        pickle.out.write('.');
        return pickle.out.toByteArray();
    }

    /// The dict `{key: {…tensors…}}`.
    static byte[] nested(String key, List<TensorSource> tensors) {
        PickleWriter pickle = new PickleWriter();
        pickle.start();
        pickle.op('}').remember();
        pickle.text(key);
        pickle.op('}').remember();
        pickle.items(tensors);
        pickle.op('s').op('.');
        return pickle.out.toByteArray();
    }

    private void start() {
        op(0x80).op(2);
    }

    private void items(List<TensorSource> tensors) {
        for (int from = 0; from < tensors.size(); from += BATCH) {
            int to = Math.min(from + BATCH, tensors.size());
            boolean many = to - from > 1;
            if (many) {
                op('(');
            }
            for (int i = from; i < to; i++) {
                text(tensors.get(i).name());
                tensor(tensors.get(i), i);
            }
            op(many ? 'u' : 's');
        }
    }

    private void tensor(TensorSource tensor, int key) {
        global("torch._utils", "_rebuild_tensor_v2");
        op('(');
        op('(');
        text("storage");
        global("torch", STORAGES.get(tensor.dtype()));
        newText(Integer.toString(key));
        text("cpu");
        integer(tensor.shape().size());
        op('t').remember();
        op('Q');
        integer(0);
        List<Long> size = new ArrayList<>();
        List<Long> stride = new ArrayList<>();
        long step = 1;
        for (int i = tensor.shape().rank() - 1; i >= 0; i--) {
            size.addFirst((long) tensor.shape().dim(i));
            stride.addFirst(step);
            step *= Math.max(1, tensor.shape().dim(i));
        }
        tuple(size);
        tuple(stride);
        op(0x89);
        emptyOrderedDict();
        op('t').remember();
        op('R').remember();
    }

    private void emptyOrderedDict() {
        global("collections", "OrderedDict");
        op(')').op('R').remember();
    }

    private void tuple(List<Long> values) {
        if (values.isEmpty()) {
            op(')');
            return;
        }
        boolean isLong = values.size() > 3;
        if (isLong) {
            op('(');
        }
        values.forEach(this::integer);
        op(isLong ? 't' : 0x84 + values.size()).remember();
    }

    private void integer(long value) {
        if (value < 0x100) {
            op('K').op((int) value);
        } else if (value < 0x10000) {
            op('M').number(2, value);
        } else if (value <= Integer.MAX_VALUE) {
            op('J').number(4, value);
        } else {
            int length = 8 - Long.numberOfLeadingZeros(value) / 8;
            int withSign = Long.numberOfLeadingZeros(value) % 8 == 0 ? length + 1 : length;
            op(0x8a).op(withSign).number(withSign, value);
        }
    }

    private void global(String module, String name) {
        String line = module + "\n" + name + "\n";
        if (!recalled("c" + line)) {
            op('c').raw(line);
            remember("c" + line);
        }
    }

    private void text(String text) {
        if (!recalled("X" + text)) {
            newText(text);
            memo.put("X" + text, memoized - 1);
        }
    }

    /// A string that is never referred to again.
    private void newText(String text) {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        op('X').number(4, utf8.length);
        out.writeBytes(utf8);
        remember();
    }

    private boolean recalled(String what) {
        Integer index = memo.get(what);
        if (index != null) {
            indexed('h', 'j', index);
        }
        return index != null;
    }

    private void remember(String what) {
        memo.put(what, memoized);
        remember();
    }

    private void remember() {
        indexed('q', 'r', memoized++);
    }

    private void indexed(int shortOp, int longOp, int index) {
        if (index < 0x100) {
            op(shortOp).op(index);
        } else {
            op(longOp).number(4, index);
        }
    }

    private PickleWriter op(int code) {
        out.write(code);
        return this;
    }

    private void raw(String ascii) {
        out.writeBytes(ascii.getBytes(StandardCharsets.US_ASCII));
    }

    private void number(int bytes, long value) {
        byte[] all = ByteBuffer.allocate(9).order(ByteOrder.LITTLE_ENDIAN).putLong(value).array();
        out.write(all, 0, bytes);
    }
}
