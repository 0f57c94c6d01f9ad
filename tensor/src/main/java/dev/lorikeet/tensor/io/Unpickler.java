package dev.lorikeet.tensor.io;

import dev.lorikeet.tensor.DType;
import dev.lorikeet.tensor.io.PickleObjects.Constructor;
import dev.lorikeet.tensor.io.PickleObjects.Global;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// A pickle machine that knows the opcodes `torch.save` emits in protocols 2 to 4 and the names in [PickleObjects].
/// Any other opcode or name is refused; nothing is imported, looked up or run.
///
/// The machine has no recursion and allocates only in proportion to the bytes it reads. Opcodes: Python's
/// `pickletools.py`.
final class Unpickler {
    private final Path file;
    private final ByteBuffer in;
    private final TorchConstructors constructors;
    private final List<Object> stack = new ArrayList<>();
    private final List<Integer> marks = new ArrayList<>();
    private final Map<Long, Object> memo = new HashMap<>();

    /// @param file  named in messages
    /// @param bytes one or more pickles
    Unpickler(Path file, byte[] bytes) {
        this.file = file;
        this.in = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        this.constructors = new TorchConstructors(file);
    }

    /// Bytes read so far.
    int position() {
        return in.position();
    }

    /// Element types of the storages met so far, by key.
    Map<String, DType> storageTypes() {
        return constructors.storageTypes();
    }

    /// Reads the next pickle.
    Object load() {
        stack.clear();
        marks.clear();
        memo.clear();
        while (true) {
            int opcode = Byte.toUnsignedInt(bytes(1).get());
            if (opcode == '.') {
                Object result = pop();
                if (!stack.isEmpty()) {
                    throw damaged("an empty stack at the pickle's end", stack.size() + " values left");
                }
                return result;
            }
            execute(opcode);
        }
    }

    private void execute(int opcode) {
        switch (opcode) {
            case 0x80 -> checkProtocol(unsignedByte());
            case 0x95 -> bytes(8).getLong(); // FRAME: a length that only helps buffering
            case '(' -> marks.add(stack.size());
            case 'N' -> stack.add(null);
            case 0x88 -> stack.add(true);
            case 0x89 -> stack.add(false);
            case 'J' -> stack.add((long) bytes(4).getInt());
            case 'K' -> stack.add((long) unsignedByte());
            case 'M' -> stack.add((long) Short.toUnsignedInt(bytes(2).getShort()));
            case 0x8a -> stack.add(integer(unsignedByte()));
            case 0x8b -> stack.add(integer(length(bytes(4).getInt(), 255)));
            case 'G' -> stack.add(Double.longBitsToDouble(Long.reverseBytes(bytes(8).getLong())));
            case 'X', 'T' -> stack.add(text(length(Integer.toUnsignedLong(bytes(4).getInt()), in.limit())));
            case 0x8c, 'U' -> stack.add(text(unsignedByte()));
            case 0x8d -> stack.add(text(length(bytes(8).getLong(), in.limit())));
            case 'q' -> memo.put((long) unsignedByte(), top());
            case 'r' -> memo.put(Integer.toUnsignedLong(bytes(4).getInt()), top());
            case 0x94 -> memo.put((long) memo.size(), top());
            case 'h' -> stack.add(remembered(unsignedByte()));
            case 'j' -> stack.add(remembered(Integer.toUnsignedLong(bytes(4).getInt())));
            default -> executeObject(opcode);
        }
    }

    private void executeObject(int opcode) {
        switch (opcode) {
            case ')' -> stack.add(List.of());
            case 0x85 -> stack.add(tuple(popLast(1)));
            case 0x86 -> stack.add(tuple(popLast(2)));
            case 0x87 -> stack.add(tuple(popLast(3)));
            case 't' -> stack.add(tuple(popMark()));
            case ']' -> stack.add(new ArrayList<>());
            case 'a' -> append(popLast(1));
            case 'e' -> append(popMark());
            case '}' -> stack.add(new LinkedHashMap<>());
            case 's' -> setItems(popLast(2));
            case 'u' -> setItems(popMark());
            case 'c' -> stack.add(global(line(), line()));
            case 0x93 -> stackGlobal();
            case 'R' -> reduce();
            case 'b' -> build();
            case 'Q' -> stack.add(constructors.storage(pop()));
            default -> throw new FormatException(file, null, "a pickle as torch.save writes it",
                    "opcode 0x%02x at byte %d of the pickle".formatted(opcode, in.position() - 1),
                    "Only tensors, dicts, lists, tuples, strings, numbers, bools and None are read: "
                            + "save the state dict alone.");
        }
    }

    private void checkProtocol(int protocol) {
        if (protocol < 2 || protocol > 5) {
            throw damaged("pickle protocol 2 to 5", "protocol " + protocol);
        }
    }

    private void reduce() {
        Object arguments = pop();
        Object callable = pop();
        if (!(callable instanceof Constructor constructor) || !(arguments instanceof List<?> list)) {
            throw refused("a call of " + PickleObjects.typeName(callable));
        }
        stack.add(constructors.call(constructor, list));
    }

    /// Attributes may be set on dicts only (`OrderedDict._metadata`: layer versions, which nothing needs) and are
    /// dropped.
    private void build() {
        Object state = pop();
        if (!(top() instanceof Map) || !(state instanceof Map)) {
            throw refused("attributes for " + PickleObjects.typeName(top()));
        }
    }

    private void stackGlobal() {
        Object name = pop();
        Object module = pop();
        if (!(module instanceof String m) || !(name instanceof String n)) {
            throw damaged("module and name", PickleObjects.typeName(module) + " and " + PickleObjects.typeName(name));
        }
        stack.add(global(m, n));
    }

    private Global global(String module, String name) {
        Global found = PickleObjects.find(module, name);
        if (found == null) {
            throw refused(FormatException.quote(module + "." + name));
        }
        return found;
    }

    private void append(List<Object> values) {
        if (!(top() instanceof ArrayList<?>)) {
            throw damaged("a list to append to", PickleObjects.typeName(top()));
        }
        @SuppressWarnings("unchecked")
        List<Object> list = (List<Object>) top();
        list.addAll(values);
    }

    private void setItems(List<Object> keysAndValues) {
        if (!(top() instanceof LinkedHashMap<?, ?>) || keysAndValues.size() % 2 != 0) {
            throw damaged("a dict, keys and values",
                    PickleObjects.typeName(top()) + " and " + keysAndValues.size() + " values");
        }
        @SuppressWarnings("unchecked")
        Map<Object, Object> dict = (Map<Object, Object>) top();
        for (int i = 0; i < keysAndValues.size(); i += 2) {
            dict.put(constructors.key(keysAndValues.get(i)), keysAndValues.get(i + 1));
        }
    }

    private Object remembered(long index) {
        if (!memo.containsKey(index)) {
            throw damaged("memo entry " + index, "none");
        }
        return memo.get(index);
    }

    private Object top() {
        if (stack.size() <= floor()) {
            throw damaged("a value on the stack", "none");
        }
        return stack.getLast();
    }

    private Object pop() {
        Object top = top();
        stack.removeLast();
        return top;
    }

    private List<Object> popMark() {
        if (marks.isEmpty()) {
            throw damaged("a mark on the stack", "none");
        }
        return cut(marks.removeLast());
    }

    private List<Object> popLast(int count) {
        if (stack.size() - count < floor()) {
            throw damaged(count + " values on the stack", (stack.size() - floor()) + "");
        }
        return cut(stack.size() - count);
    }

    private List<Object> cut(int from) {
        List<Object> tail = stack.subList(from, stack.size());
        List<Object> values = new ArrayList<>(tail);
        tail.clear();
        return values;
    }

    private int floor() {
        return marks.isEmpty() ? 0 : marks.getLast();
    }

    private static List<Object> tuple(List<Object> values) {
        return Collections.unmodifiableList(Arrays.asList(values.toArray()));
    }

    /// Little-endian two's complement; a `Long` where it fits.
    private Object integer(int length) {
        byte[] digits = new byte[length];
        ByteBuffer source = bytes(length);
        for (int i = length - 1; i >= 0; i--) {
            digits[i] = source.get();
        }
        BigInteger value = length == 0 ? BigInteger.ZERO : new BigInteger(digits);
        return value.bitLength() < 64 ? (Object) value.longValue() : value;
    }

    private String text(int length) {
        byte[] utf8 = new byte[length];
        bytes(length).get(utf8);
        return new String(utf8, StandardCharsets.UTF_8);
    }

    private String line() {
        int start = in.position();
        while (bytes(1).get() != '\n') {
            if (in.position() - start > 1000) {
                throw damaged("a name of at most 1000 bytes", "a longer one");
            }
        }
        return new String(in.array(), start, in.position() - 1 - start, StandardCharsets.UTF_8);
    }

    private int unsignedByte() {
        return Byte.toUnsignedInt(bytes(1).get());
    }

    private int length(long length, int atMost) {
        if (length < 0 || length > atMost) {
            throw damaged("a length of at most " + atMost, Long.toUnsignedString(length));
        }
        return (int) length;
    }

    /// The input, which has at least `count` more bytes.
    private ByteBuffer bytes(int count) {
        if (in.remaining() < count) {
            throw damaged(count + " more bytes of the pickle", in.remaining() + "");
        }
        return in;
    }

    private FormatException refused(String what) {
        return new FormatException(file, null, "tensors and plain data in the pickle",
                what + " at byte " + in.position() + " of the pickle",
                "Nothing else is built from a pickle, since that could run code: save the state dict alone.");
    }

    private FormatException damaged(String expected, String found) {
        return new FormatException(file, null, expected, found + " at byte " + in.position() + " of the pickle",
                "The file is cut off, damaged or not written by torch.save.");
    }
}
