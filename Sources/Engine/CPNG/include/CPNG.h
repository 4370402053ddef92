#ifndef CRAYON_CPNG_H
#define CRAYON_CPNG_H
#endif
