// Parameter updates: one launch for up to 40 tensors, which come by value as part of the arguments.
//
// Arithmetic intensity: 0.5 FLOP per byte. Bytes that must move: Adam 28 per parameter (p, m, v read and written, g
// read), SGD 12, with momentum 20. LoRA's tensors are small: the launch itself is what costs, so there is one for all.
#include "common.cuh"

// One tensor of the list: up to five arrays of `rows` rows of `cols` numbers, with a row stride for each. Its blocks
// begin at `first_block` and take 1024 elements each.
struct Entry {
    float* data[5];
    int stride[5];
    int rows;
    int cols;
    int first_block;
};

#define ENTRIES 40

struct Entries {
    Entry entry[ENTRIES];
    int count;
    int blocks;
};

// Calls op(entry, row, col) for the elements of this block's share.
template <class Op> __device__ inline void each_parameter(const Entries& entries, Op op) {
    int block = blockIdx.x;
    int n = 0;
    while (n + 1 < entries.count && entries.entry[n + 1].first_block <= block) {
        n++;
    }
    const Entry& entry = entries.entry[n];
    index_t start = (index_t) (block - entry.first_block) * 1024;
    index_t end = min(start + 1024, (index_t) entry.rows * entry.cols);
    for (index_t i = start + threadIdx.x; i < end; i += blockDim.x) {
        index_t row = entry.rows == 1 ? 0 : i / entry.cols;
        op(entry, row, i - row * entry.cols);
    }
}

struct AdamStep {
    float step_size;
    float beta1;
    float one_minus_beta1;
    float beta2;
    float one_minus_beta2;
    float epsilon;
    float denominator_scale;
    float keep_before;                                                       // 1 - decayBefore
    float keep_after;                                                        // 1 - decayAfter
    float l2;
    float grad_scale;
};

// data: p, g, m, v, largest v or null. The formula stands in dev.lorikeet.tensor.AdamStep.
extern "C" __global__ void adam(const __grid_constant__ Entries entries, AdamStep step) {
    each_parameter(entries, [=](const Entry& at, index_t i, index_t j) {
        float* p = at.data[0] + i * at.stride[0] + j;
        float* m = at.data[2] + i * at.stride[2] + j;
        float* v = at.data[3] + i * at.stride[3] + j;
        float value = *p;
        float gradient = step.grad_scale * at.data[1][i * at.stride[1] + j] + step.l2 * value;
        float first = step.beta1 * *m + step.one_minus_beta1 * gradient;
        float second = step.beta2 * *v + step.one_minus_beta2 * gradient * gradient;
        *m = first;
        *v = second;
        if (at.data[4] != 0) {
            float* largest = at.data[4] + i * at.stride[4] + j;
            second = fmaxf(*largest, second);
            *largest = second;
        }
        value *= step.keep_before;
        value -= step.step_size * first / (step.denominator_scale * sqrtf(second) + step.epsilon);
        *p = value * step.keep_after;
    });
}

struct SgdStep {
    float lr;
    float momentum;
    float one_minus_dampening;
    float l2;
    float grad_scale;
    int nesterov;
    int first;
};

// data: p, g, momentum or null. The formula stands in dev.lorikeet.tensor.SgdStep.
extern "C" __global__ void sgd(const __grid_constant__ Entries entries, SgdStep step) {
    each_parameter(entries, [=](const Entry& at, index_t i, index_t j) {
        float* p = at.data[0] + i * at.stride[0] + j;
        float gradient = step.grad_scale * at.data[1][i * at.stride[1] + j] + step.l2 * *p;
        float direction = gradient;
        if (at.data[2] != 0) {
            float* momentum = at.data[2] + i * at.stride[2] + j;
            float speed = step.first ? gradient : step.momentum * *momentum + step.one_minus_dampening * gradient;
            *momentum = speed;
            direction = step.nesterov ? gradient + step.momentum * speed : speed;
        }
        *p -= step.lr * direction;
    });
}
