#ifndef CRAYON_CRASTER_H
#define CRAYON_CRASTER_H
#endif
