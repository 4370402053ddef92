// Plain C for any processor: four floats at a time, which compilers turn into whatever there is.
#define CK_WIDTH 4
#define CK_SUFFIX portable
#define CK_SET_NAME "portable"
#include "instruction_set.h"
