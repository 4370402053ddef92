#include "include/CRaster.h"
