#ifndef CRAYON_CVIPS_H
#define CRAYON_CVIPS_H
#endif
