// A stand-in for libcuda.so.1: see standin.h. Kernels are those that the tests compile for the host, from the library
// that LORIKEET_STANDIN_KERNELS names; LORIKEET_STANDIN_CUDA is the CUDA version that the driver serves, such as 13000.
#include "standin.h"

#include <dlfcn.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace {
enum Status {
    SUCCESS = 0,
    INVALID_VALUE = 1,
    OUT_OF_MEMORY = 2,
    INVALID_CONTEXT = 201,
    INVALID_HANDLE = 400,
    NOT_FOUND = 500,
    LAUNCH_FAILED = 719,
    CAPTURE_UNSUPPORTED = 900
};

typedef int (*Launch)(int x, int y, int threads, int shared_bytes, void** arguments);
typedef std::vector<std::function<void()>> Work;

struct Function {
    std::string name;
    Launch launch;
    int shared = 48 << 10;
};

struct Module {
    std::string image;
    std::map<std::string, std::unique_ptr<Function>> functions;
};

struct Event {
    double seconds = -1;
};

const size_t TOTAL = (size_t) 6 << 30;
const int MOST_SHARED = 227 << 10;
// Room that the caller's array of arguments and the values that it points to have together.
const size_t ARGUMENTS = 8192;
const int MOST_ARGUMENTS = 32;

std::map<const char*, size_t> blocks;
std::map<const char*, size_t> pinned;
size_t taken;
int users;                                     // of the primary context
int streams;
Work queue;
std::shared_ptr<Work> capture;
int failed;
thread_local void* current;
int context;

bool inside(const std::map<const char*, size_t>& all, const void* address, size_t bytes) {
    auto next = all.upper_bound((const char*) address);
    if (next == all.begin()) {
        return false;
    }
    auto block = std::prev(next);
    return (const char*) address + bytes <= block->first + block->second;
}

double now() {
    return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

int drain() {
    Work work;
    work.swap(queue);
    for (auto& one : work) {
        if (failed == SUCCESS) {
            one();
        }
    }
    return failed;
}

#define NEEDS_CONTEXT(what)                                            \
    if (!standin_has_context()) {                                      \
        return standin_refuses(INVALID_CONTEXT, what ": no context");  \
    }
#define NEEDS_NO_CAPTURE(what)                                                                \
    if (capture) {                                                                            \
        return standin_refuses(CAPTURE_UNSUPPORTED, what ": not while a graph is captured");  \
    }

// The size of an ELF image ends with its table of sections; a stand-in's image is text.
size_t size_of(const char* image) {
    if (std::memcmp(image, "\177ELF", 4) != 0) {
        return std::strlen(image);
    }
    unsigned long long sections;
    unsigned short size, count;
    std::memcpy(&sections, image + 0x28, 8);
    std::memcpy(&size, image + 0x3A, 2);
    std::memcpy(&count, image + 0x3C, 2);
    return sections + (size_t) size * count;
}

void* kernels() {
    static void* library = dlopen(std::getenv("LORIKEET_STANDIN_KERNELS"), RTLD_NOW);
    return library;
}
}  // namespace

bool standin_has_context() { return current == &context && users > 0; }

bool standin_holds(const void* address, size_t bytes) { return inside(blocks, address, bytes); }

int standin_refuses(int status, const char* what) {
    std::fprintf(stderr, "stand-in refuses: %s\n", what);
    return status;
}

void standin_enqueue(void*, std::function<void()> work) {
    (capture ? *capture : queue).push_back(std::move(work));
}

API int cuInit(unsigned) { return SUCCESS; }

API int cuDriverGetVersion(int* version) {
    *version = std::atoi(std::getenv("LORIKEET_STANDIN_CUDA"));
    return SUCCESS;
}

// Asked for by the real NVRTC, where that is what kernels are compiled with.
API int cuGetExportTable(const void** table, const void*) { return *table = nullptr, NOT_FOUND; }

API int cuGetErrorString(int status, const char** text) {
    static std::string said;
    said = "status " + std::to_string(status) + " of a stand-in";
    *text = said.c_str();
    return SUCCESS;
}

API int cuDeviceGetCount(int* count) { return *count = 1, SUCCESS; }

API int cuDeviceGet(int* device, int index) { return *device = index, index == 0 ? SUCCESS : INVALID_VALUE; }

API int cuDeviceGetName(char* name, int length, int) {
    std::snprintf(name, length, "stand-in for a device");
    return SUCCESS;
}

API int cuDeviceGetAttribute(int* value, int attribute, int) {
    switch (attribute) {
        case 16: *value = 132; return SUCCESS;                               // multiprocessors
        case 38: *value = 60 << 20; return SUCCESS;                          // L2 cache
        case 75: *value = 9; return SUCCESS;                                 // compute capability
        case 76: *value = 0; return SUCCESS;
        case 97: *value = MOST_SHARED; return SUCCESS;
        default: return standin_refuses(INVALID_VALUE, "cuDeviceGetAttribute: an attribute that it does not know");
    }
}

API int cuDevicePrimaryCtxRetain(void** to, int) {
    users++;
    *to = &context;
    return SUCCESS;
}

API int cuDevicePrimaryCtxRelease_v2(int) {
    drain();
    if (--users == 0 && !blocks.empty()) {
        std::fprintf(stderr, "stand-in: the context ends with %zu blocks of memory\n", blocks.size());
    }
    return SUCCESS;
}

API int cuCtxSetCurrent(void* to) { return current = to, to == &context && users > 0 ? SUCCESS : INVALID_CONTEXT; }

API int cuCtxSynchronize() {
    NEEDS_CONTEXT("cuCtxSynchronize")
    NEEDS_NO_CAPTURE("cuCtxSynchronize")
    return drain();
}

API int cuMemGetInfo_v2(size_t* free, size_t* total) {
    NEEDS_CONTEXT("cuMemGetInfo")
    *free = TOTAL - taken;
    *total = TOTAL;
    return SUCCESS;
}

// ---- memory ---------------------------------------------------------------------------------------------------------

API int cuMemAlloc_v2(char** to, size_t bytes) {
    NEEDS_CONTEXT("cuMemAlloc")
    NEEDS_NO_CAPTURE("cuMemAlloc")
    if (bytes == 0) {
        return INVALID_VALUE;
    }
    if (bytes > TOTAL - taken) {
        return OUT_OF_MEMORY;
    }
    *to = (char*) aligned_alloc(512, (bytes + 511) / 512 * 512);
    std::memset(*to, 0xFF, bytes);
    blocks[*to] = bytes;
    taken += bytes;
    return SUCCESS;
}

API int cuMemFree_v2(char* address) {
    NEEDS_CONTEXT("cuMemFree")
    NEEDS_NO_CAPTURE("cuMemFree")
    auto block = blocks.find(address);
    if (block == blocks.end()) {
        return standin_refuses(INVALID_VALUE, "cuMemFree: no block begins there");
    }
    int status = drain();
    taken -= block->second;
    blocks.erase(block);
    std::free(address);
    return status;
}

API int cuMemHostAlloc(char** to, size_t bytes, unsigned) {
    NEEDS_CONTEXT("cuMemHostAlloc")
    NEEDS_NO_CAPTURE("cuMemHostAlloc")
    *to = (char*) aligned_alloc(4096, (bytes + 4095) / 4096 * 4096);
    pinned[*to] = bytes;
    return SUCCESS;
}

API int cuMemFreeHost(char* address) {
    NEEDS_CONTEXT("cuMemFreeHost")
    NEEDS_NO_CAPTURE("cuMemFreeHost")
    if (pinned.erase(address) == 0) {
        return standin_refuses(INVALID_VALUE, "cuMemFreeHost: no pinned memory begins there");
    }
    int status = drain();
    std::free(address);
    return status;
}

namespace {
int copy(char* to, const char* from, size_t bytes, const char* device, const char* host, void* stream,
        const char* what) {
    NEEDS_CONTEXT("a copy")
    if (!inside(blocks, device, bytes) || !inside(pinned, host, bytes)) {
        return standin_refuses(INVALID_VALUE, what);
    }
    standin_enqueue(stream, [=] { std::memcpy(to, from, bytes); });
    return SUCCESS;
}
}  // namespace

API int cuMemcpyHtoDAsync_v2(char* to, const char* from, size_t bytes, void* stream) {
    return copy(to, from, bytes, to, from, stream, "cuMemcpyHtoDAsync: not from pinned memory into one block");
}

API int cuMemcpyDtoHAsync_v2(char* to, const char* from, size_t bytes, void* stream) {
    NEEDS_NO_CAPTURE("cuMemcpyDtoHAsync")
    return copy(to, from, bytes, from, to, stream, "cuMemcpyDtoHAsync: not from one block into pinned memory");
}

// ---- streams, events, graphs ----------------------------------------------------------------------------------------

API int cuStreamCreate(void** stream, unsigned) {
    NEEDS_CONTEXT("cuStreamCreate")
    streams++;
    *stream = &streams;
    return SUCCESS;
}

API int cuStreamDestroy_v2(void*) {
    NEEDS_CONTEXT("cuStreamDestroy")
    return drain();
}

API int cuStreamSynchronize(void* stream) {
    NEEDS_CONTEXT("cuStreamSynchronize")
    NEEDS_NO_CAPTURE("cuStreamSynchronize")
    return stream == &streams ? drain() : standin_refuses(INVALID_HANDLE, "cuStreamSynchronize: another stream");
}

API int cuEventCreate(Event** event, unsigned) {
    NEEDS_CONTEXT("cuEventCreate")
    *event = new Event;
    return SUCCESS;
}

API int cuEventDestroy_v2(Event* event) {
    drain();
    delete event;
    return SUCCESS;
}

API int cuEventRecord(Event* event, void* stream) {
    NEEDS_CONTEXT("cuEventRecord")
    NEEDS_NO_CAPTURE("cuEventRecord")
    standin_enqueue(stream, [event] { event->seconds = now(); });
    return SUCCESS;
}

API int cuEventSynchronize(Event*) {
    NEEDS_NO_CAPTURE("cuEventSynchronize")
    return drain();
}

API int cuEventElapsedTime(float* milliseconds, Event* start, Event* end) {
    *milliseconds = (float) (1e3 * (end->seconds - start->seconds));
    return start->seconds < 0 || end->seconds < 0 ? INVALID_HANDLE : SUCCESS;
}

API int cuStreamBeginCapture_v2(void*, int) {
    NEEDS_CONTEXT("cuStreamBeginCapture")
    NEEDS_NO_CAPTURE("cuStreamBeginCapture")
    capture = std::make_shared<Work>();
    return SUCCESS;
}

API int cuStreamEndCapture(void*, void** graph) {
    *graph = new std::shared_ptr<Work>(capture);
    capture.reset();
    return SUCCESS;
}

API int cuGraphInstantiateWithFlags(void** executable, void* graph, unsigned long long) {
    *executable = new std::shared_ptr<Work>(*(std::shared_ptr<Work>*) graph);
    return SUCCESS;
}

API int cuGraphDestroy(void* graph) {
    delete (std::shared_ptr<Work>*) graph;
    return SUCCESS;
}

API int cuGraphExecDestroy(void* executable) {
    drain();
    return cuGraphDestroy(executable);
}

API int cuGraphLaunch(void* executable, void*) {
    NEEDS_CONTEXT("cuGraphLaunch")
    Work& work = **(std::shared_ptr<Work>*) executable;
    queue.insert(queue.end(), work.begin(), work.end());
    return SUCCESS;
}

// ---- kernels --------------------------------------------------------------------------------------------------------

API int cuModuleLoadData(Module** module, const char* image) {
    NEEDS_CONTEXT("cuModuleLoadData")
    NEEDS_NO_CAPTURE("cuModuleLoadData")
    *module = new Module;
    (*module)->image.assign(image, size_of(image));
    return SUCCESS;
}

API int cuModuleUnload(Module* module) {
    drain();
    delete module;
    return SUCCESS;
}

// Of machine code the name must be a symbol; a stand-in's text may make the name by macros.
API int cuModuleGetFunction(Function** to, Module* module, const char* name) {
    std::string symbol = std::string(1, '\0') + name + std::string(1, '\0');
    bool code = module->image.compare(0, 4, "\177ELF") == 0;
    Launch launch = (Launch) dlsym(kernels(), (std::string("launch_") + name).c_str());
    if (launch == nullptr || (code && module->image.find(symbol) == std::string::npos)) {
        return NOT_FOUND;
    }
    auto& function = module->functions[name];
    function.reset(new Function{name, launch});
    *to = function.get();
    return SUCCESS;
}

API int cuFuncSetAttribute(Function* function, int attribute, int value) {
    if (attribute != 8 || value > MOST_SHARED) {                             // dynamic shared memory
        return INVALID_VALUE;
    }
    function->shared = value;
    return SUCCESS;
}

API int cuLaunchKernel(Function* function, unsigned x, unsigned y, unsigned z, unsigned threads, unsigned threads_y,
        unsigned threads_z, unsigned shared_bytes, void* stream, char** arguments, void**) {
    NEEDS_CONTEXT("cuLaunchKernel")
    if (x == 0 || y == 0 || x > 0x7FFFFFFFu || y > 65535 || z != 1 || threads == 0 || threads > 1024 || threads_y != 1
            || threads_z != 1 || (int) shared_bytes > function->shared || stream != &streams) {
        return INVALID_VALUE;
    }
    // A driver takes the values with the launch.
    auto copy = std::make_shared<std::vector<char*>>(ARGUMENTS / sizeof(char*));
    std::memcpy(copy->data(), arguments, ARGUMENTS);
    for (int i = 0; i < MOST_ARGUMENTS; i++) {
        size_t offset = arguments[i] - (char*) arguments;
        (*copy)[i] = arguments[i] > (char*) arguments && offset < ARGUMENTS ? (char*) copy->data() + offset : nullptr;
    }
    standin_enqueue(stream, [=] {
        if (function->launch((int) x, (int) y, (int) threads, (int) shared_bytes, (void**) copy->data()) != 0) {
            failed = LAUNCH_FAILED;
        }
    });
    return SUCCESS;
}
