// The fibers of host_cuda.h, and a matrix product in place of cuBLAS.
#include "host_cuda.h"

#include <csetjmp>
#include <cstdlib>
#include <sys/mman.h>
#include <ucontext.h>

Dim3 threadIdx, blockIdx, blockDim, gridDim;

namespace lorikeet {
float* dynamic_shared;

namespace {
const int MAX_THREADS = 1024;
const size_t STACK = 128 << 10;
const size_t GUARD = 4096;

struct Fiber {
    jmp_buf at;
    bool started;                              // its stack runs its loop already
    bool finished;                             // with its thread of the present block
};

// Lanes that wait for each other. Values are kept for two rounds: a lane may bring its next one before another has
// fetched what it waited for, but not the one after that.
struct Warp {
    LaneWords values[2][32];
    int arrived;
    int round;
    int lanes;
};

Fiber fibers[MAX_THREADS];
Warp warps[MAX_THREADS / 32];
char* stacks;
char* shared_memory;
jmp_buf scheduler;
Body body;
void** arguments;
int threads;
int current;
int live;
long progress;

int barrier_arrived;
int barrier_round;
int barrier_value[2];

void yield() {
    if (!_setjmp(fibers[current].at)) {
        _longjmp(scheduler, 1);
    }
}

// A fiber's life: one thread of a block after the other.
void live_on() {
    for (;;) {
        body(arguments);
        fibers[current].finished = true;
        live--;
        progress++;
        yield();
    }
}

// Runs thread `index` until it waits or ends.
void resume(int index) {
    current = index;
    threadIdx = Dim3{(unsigned) index, 0, 0};
    if (_setjmp(scheduler)) {
        return;
    }
    if (fibers[index].started) {
        _longjmp(fibers[index].at, 1);
    }
    fibers[index].started = true;
    ucontext_t context;
    getcontext(&context);
    context.uc_stack.ss_sp = stacks + index * STACK + GUARD;
    context.uc_stack.ss_size = STACK - GUARD;
    context.uc_link = nullptr;
    makecontext(&context, live_on, 0);
    setcontext(&context);
}

bool run_block() {
    live = threads;
    barrier_arrived = 0;
    for (int i = 0; i < threads; i++) {
        fibers[i].finished = false;
    }
    for (int w = 0; w * 32 < threads; w++) {
        warps[w].arrived = 0;
        warps[w].lanes = threads - w * 32 < 32 ? threads - w * 32 : 32;
    }
    while (live > 0) {
        long before = progress;
        for (int w = 0; w * 32 < threads; w++) {
            long warp_before;
            do {                               // a warp goes as far as it can without the others
                warp_before = progress;
                for (int i = w * 32; i < w * 32 + warps[w].lanes; i++) {
                    if (!fibers[i].finished) {
                        resume(i);
                    }
                }
            } while (progress != warp_before);
        }
        if (progress == before) {
            return false;
        }
    }
    return true;
}
}  // namespace

int lane() { return current % 32; }

int barrier(int value) {
    int round = barrier_round & 1;
    if (barrier_arrived++ == 0) {
        barrier_value[round] = 0;
    }
    barrier_value[round] |= value != 0;
    progress++;
    if (barrier_arrived == threads) {
        barrier_arrived = 0;
        barrier_round++;
    }
    while ((barrier_round & 1) == round) {
        yield();
    }
    return barrier_value[round];
}

const LaneWords* exchange(const uint32_t* words, int count) {
    Warp& warp = warps[current / 32];
    int round = warp.round & 1;
    std::memcpy(warp.values[round][current % 32], words, 4 * count);
    progress++;
    if (++warp.arrived == warp.lanes) {
        warp.arrived = 0;
        warp.round++;
    }
    while ((warp.round & 1) == round) {
        yield();
    }
    return warp.values[round];
}

int run(Body kernel, void** kernel_arguments, Dim3 grid, Dim3 block, int shared_bytes) {
    if (!stacks) {
        stacks = (char*) mmap(nullptr, MAX_THREADS * STACK, PROT_READ | PROT_WRITE,
                MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        for (int i = 0; i < MAX_THREADS; i++) {
            mprotect(stacks + i * STACK, GUARD, PROT_NONE);
        }
        shared_memory = (char*) aligned_alloc(64, 256 << 10);
        dynamic_shared = (float*) shared_memory;
    }
    body = kernel;
    arguments = kernel_arguments;
    threads = (int) block.x;
    blockDim = block;
    gridDim = grid;
    for (unsigned y = 0; y < grid.y; y++) {
        for (unsigned x = 0; x < grid.x; x++) {
            blockIdx = Dim3{x, y, 0};
            std::memset(shared_memory, 0xFF, shared_bytes);   // NaN: what is read must have been written
            if (!run_block()) {
                for (int i = 0; i < threads; i++) {
                    fibers[i].started = false; // what hangs is forgotten
                }
                return 1;
            }
        }
    }
    return 0;
}

// Every backend of a test loads this library anew; guarded stacks are two mappings each, and a process has 65,530.
__attribute__((destructor)) void unload() {
    if (stacks) {
        munmap(stacks, MAX_THREADS * STACK);
        free(shared_memory);
    }
}
}  // namespace lorikeet

namespace {
float element(const void* data, int bf16, int64_t at) {
    return bf16 ? __int_as_float((int) ((uint32_t) ((const uint16_t*) data)[at] << 16)) : ((const float*) data)[at];
}
}  // namespace

// c (m, n) <- beta*c + alpha*op(a)*op(b) by rows; a and b are F32 or BF16, c is F32. It stands for cuBLAS in tests of
// everything else and sums in double, so that an error that is found is not its own.
extern "C" __attribute__((visibility("default"))) void host_gemm(int m, int n, int k, float alpha, const void* a,
        int64_t lda, int transpose_a, const void* b, int64_t ldb, int transpose_b, int bf16, float beta, float* c,
        int64_t ldc) {
    double* row = (double*) malloc(sizeof(double) * (n + 1));
    for (int i = 0; i < m; i++) {
        for (int j = 0; j < n; j++) {
            row[j] = 0;
        }
        for (int p = 0; p < k; p++) {
            double x = element(a, bf16, transpose_a ? p * lda + i : i * lda + p);
            for (int j = 0; j < n; j++) {
                row[j] += x * element(b, bf16, transpose_b ? j * ldb + p : p * ldb + j);
            }
        }
        for (int j = 0; j < n; j++) {
            float* d = c + i * ldc + j;
            *d = (float) (beta == 0 ? alpha * row[j] : beta * *d + alpha * row[j]);
        }
    }
    free(row);
}
