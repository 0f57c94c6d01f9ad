package dev.lorikeet.lora;

/// An adapter does not fit the model it is attached to: nothing matches, tensors are missing or left over, or shapes
/// differ. The message says which, how many, and what similar names there are.
public final class AdapterMismatch extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public AdapterMismatch(String message) {
        super(message);
    }
}
