package dev.lorikeet.lora;

/// The names of an adapter's weights in memory, in checkpoints and in reports: `<path>.lora_A`, with `.<adapter>`
/// behind it unless the adapter is called `default`.
record WeightNames(String adapter) {
    String a(Site site) {
        return site.path() + (site.table() ? ".lora_embedding_A" : ".lora_A") + suffix();
    }

    String b(Site site) {
        return site.path() + (site.table() ? ".lora_embedding_B" : ".lora_B") + suffix();
    }

    /// @param tensor one of [Variant#tensors]
    String beside(String path, String tensor) {
        return path + "." + tensor + suffix();
    }

    /// A replaced weight keeps its own name.
    String saved(String path) {
        return path + suffix();
    }

    private String suffix() {
        return adapter.equals("default") ? "" : "." + adapter;
    }
}
