package dev.lorikeet.autograd.graph;

/// The colours of a drawing: one hue for gradients, one for ops, grey for everything that trains nothing.
final class Palette {
    static final String GRADIENT = "#c2410c";
    static final String TRAINABLE_FILL = "#ffedd5";
    static final String OP = "#1e40af";
    static final String OP_FILL = "#dbeafe";
    static final String GREY = "#9ca3af";
    static final String GREY_FILL = "#f3f4f6";
    static final String GREY_TEXT = "#6b7280";
    static final String TEXT = "#111827";
    static final String PAPER = "#ffffff";

    private Palette() {}

    /// Of a line or of a weight's border.
    static String line(boolean gradient) {
        return gradient ? GRADIENT : GREY;
    }

    static String weightFill(boolean trainable) {
        return trainable ? TRAINABLE_FILL : GREY_FILL;
    }

    static String opLine(boolean tracked) {
        return tracked ? OP : GREY;
    }

    static String opFill(boolean tracked) {
        return tracked ? OP_FILL : GREY_FILL;
    }

    static String text(boolean important) {
        return important ? TEXT : GREY_TEXT;
    }
}
