package dev.lorikeet.models.verify.ops;

import dev.lorikeet.models.verify.golden.NotReplayed;
import dev.lorikeet.tensor.Shape;
import java.util.ArrayList;
import java.util.List;

/// Basic indexing of a tensor as Python writes it, `x[:, 1:6:2, -3:, 0]`: ranges with positive steps, single indices
/// (whose extent vanishes), `...`.
///
/// @param starts  first index along each extent of x
/// @param steps   distance between indices along each extent of x
/// @param counts  how many are taken along each extent; −1 for a single index
/// @param strides of x
record PythonSlice(int[] starts, int[] steps, int[] counts, int[] strides) {
    public static PythonSlice parse(String spec, Shape shape) {
        int open = spec.indexOf('[');
        if (open < 0 || !spec.endsWith("]")) {
            throw new NotReplayed("cannot read the slice '%s'".formatted(spec));
        }
        List<String> parts = new ArrayList<>();
        for (String part : spec.substring(open + 1, spec.length() - 1).split(",")) {
            parts.add(part.strip());
        }
        int ellipsis = parts.indexOf("...");
        if (ellipsis >= 0) {
            parts.remove(ellipsis);
        } else {
            ellipsis = parts.size();
        }
        while (parts.size() < shape.rank()) {
            parts.add(ellipsis, ":");
        }
        int rank = shape.rank();
        PythonSlice slice =
                new PythonSlice(new int[rank], new int[rank], new int[rank], Algebra.strides(shape));
        for (int i = 0; i < rank; i++) {
            slice.read(i, parts.get(i), shape.dim(i), spec);
        }
        return slice;
    }

    private void read(int i, String part, int extent, String spec) {
        String[] numbers = part.split(":", -1);
        try {
            if (numbers.length == 1) {
                int index = Integer.parseInt(part);
                starts[i] = index < 0 ? index + extent : index;
                counts[i] = -1;
                return;
            }
            steps[i] = numbers.length > 2 && !numbers[2].isBlank() ? Integer.parseInt(numbers[2].strip()) : 1;
            starts[i] = bound(numbers[0], 0, extent);
            int end = bound(numbers[1], extent, extent);
            counts[i] = Math.max(0, (end - starts[i] + steps[i] - 1) / steps[i]);
        } catch (NumberFormatException | ArithmeticException e) {
            throw new NotReplayed("cannot read the slice '%s'".formatted(spec));
        }
    }

    private static int bound(String text, int absent, int extent) {
        if (text.isBlank()) {
            return absent;
        }
        int value = Integer.parseInt(text.strip());
        return Math.clamp(value < 0 ? value + extent : value, 0, extent);
    }

    /// Extents of the result.
    public Shape shape() {
        List<Integer> extents = new ArrayList<>();
        for (int count : counts) {
            if (count >= 0) {
                extents.add(count);
            }
        }
        return Shape.of(extents.stream().mapToInt(Integer::intValue).toArray());
    }

    /// Position in the flattened x of the result's element `at`.
    public int position(int[] at) {
        int position = 0;
        int next = 0;
        for (int i = 0; i < starts.length; i++) {
            int index = counts[i] < 0 ? starts[i] : starts[i] + at[next++] * steps[i];
            position += index * strides[i];
        }
        return position;
    }
}
