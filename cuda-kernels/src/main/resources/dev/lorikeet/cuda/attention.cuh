// What all attention kernels share: which rows a block works on, what a query sees, what dropout keeps.
//
// A tile is some queries (or keys) of one sequence; a block takes one tile and one head and walks over the keys
// (queries) that can see it. A tile of zeros has none: its block writes nothing.
#ifndef LORIKEET_ATTENTION
#define LORIKEET_ATTENTION
#include "common.cuh"

struct Tile {
    int query_row;                                                           // first row of the sequence's queries
    int queries;
    int key_row;
    int keys;
    int first;                                                               // first query or key, within the sequence
    int own_rows;                                                            // of queries in the batch
};

struct Spec {
    int head_size;
    float scale;
    int causal;
    float kept;                                                              // 1/(1 - dropout)
    word64 threshold;                                                        // dropout*2^32; 0: none
    index_t own_rows;                                                        // what masks are counted by
    RandomKey key;
};

// With what differs from batch to batch, and is therefore read from memory.
__device__ inline Spec resolved(Spec spec, const Tile& tile) {
    spec.key = resolved(spec.key);
    spec.own_rows = tile.own_rows;
    return spec;
}

// How many keys query i of a sequence sees.
__device__ inline int visible(const Spec& spec, const Tile& tile, int i) {
    return spec.causal ? max(0, min(i + tile.keys - tile.queries + 1, tile.keys)) : tile.keys;
}

// 0 or 1/(1 - dropout) for key j of the query in row `row`.
__device__ inline float kept(const Spec& spec, int head, index_t row, int j) {
    if (spec.threshold == 0) {
        return 1;
    }
    index_t element = ((head * spec.own_rows + row) << 20) + j;
    Words words = philox(spec.key, (word64) (element >> 2));
    int at = (int) (element & 3);
    unsigned word = at == 0 ? words.w[0] : at == 1 ? words.w[1] : at == 2 ? words.w[2] : words.w[3];
    return word >= spec.threshold ? spec.kept : 0;
}

// True if the rows of a head can be read four columns at a time.
__device__ inline bool wide_head(const Inputs& m, int head, int head_size) {
    return ((size_t) (m.data + (index_t) head * head_size) & 15) == 0 && m.stride % 4 == 0 && head_size % 4 == 0;
}

// Columns c ... c + 3 of a head's row, zeros behind its last.
__device__ inline float4 load_columns(const Inputs& m, index_t row, int head, int c, int head_size, bool wide) {
    const float* at = m.row(row) + (index_t) head * head_size + c;
    float4 v = make_float4(0, 0, 0, 0);
    if (c < head_size) {
        if (wide) {
            v = load4(at);
        } else {
            v.x = at[0];
            v.y = c + 1 < head_size ? at[1] : 0;
            v.z = c + 2 < head_size ? at[2] : 0;
            v.w = c + 3 < head_size ? at[3] : 0;
        }
    }
    return v;
}

#endif
