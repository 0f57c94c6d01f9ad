// A stand-in for libnvrtc.so: its code is the source, after a look at what a compiler would be told.
#include "standin.h"

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

namespace {
enum Status { SUCCESS = 0, INVALID_OPTION = 5, COMPILATION = 6 };

struct Program {
    std::string text;
    std::string log;
};
}  // namespace

API int nvrtcVersion(int* major, int* minor) {
    *major = std::atoi(std::getenv("LORIKEET_STANDIN_CUDA")) / 1000;
    *minor = 0;
    return SUCCESS;
}

API int nvrtcGetNumSupportedArchs(int* count) { return *count = 3, SUCCESS; }

API int nvrtcGetSupportedArchs(int* architectures) {
    architectures[0] = 80;
    architectures[1] = 89;
    architectures[2] = 90;
    return SUCCESS;
}

// Every header that the source includes must be among those that come with it.
API int nvrtcCreateProgram(Program** program, const char* source, const char*, int count, const char* const* texts,
        const char* const* names) {
    *program = new Program{source, ""};
    std::string all = source;
    for (int i = 0; i < count; i++) {
        all += texts[i];
    }
    for (size_t at = all.find("#include \""); at != std::string::npos; at = all.find("#include \"", at + 1)) {
        std::string name = all.substr(at + 10, all.find('"', at + 10) - at - 10);
        bool found = false;
        for (int i = 0; i < count; i++) {
            found = found || name == names[i];
        }
        (*program)->log += found ? "" : "no header " + name + "\n";
    }
    return SUCCESS;
}

API int nvrtcCompileProgram(Program* program, int count, const char* const* options) {
    for (int i = 0; i < count; i++) {
        bool known = std::strcmp(options[i], "--gpu-architecture=sm_90a") == 0
                || std::strcmp(options[i], "--std=c++17") == 0 || std::strncmp(options[i], "--define-macro=", 15) == 0;
        if (!known) {
            program->log += std::string("unknown option ") + options[i] + "\n";
            return INVALID_OPTION;
        }
    }
    return program->log.empty() ? SUCCESS : COMPILATION;
}

API int nvrtcGetProgramLogSize(Program* program, size_t* size) { return *size = program->log.size() + 1, SUCCESS; }

API int nvrtcGetProgramLog(Program* program, char* log) { return std::strcpy(log, program->log.c_str()), SUCCESS; }

API int nvrtcGetCUBINSize(Program* program, size_t* size) { return *size = program->text.size() + 1, SUCCESS; }

API int nvrtcGetCUBIN(Program* program, char* code) { return std::strcpy(code, program->text.c_str()), SUCCESS; }

API int nvrtcDestroyProgram(Program** program) {
    delete *program;
    *program = nullptr;
    return SUCCESS;
}
