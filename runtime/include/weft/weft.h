/*===- weft.h - The C API of the Weft runtime -----------------------*- C
-*-===*\
|*
|* Load a compiled model, create a session, run it, keep and move its state:
|*
|*   status.h    what every call returns
|*   tensor.h    views of the caller's tensors
|*   program.h   loading, and queries
|*   session.h   running, and states
|*
|* Every function is weft_<noun>_<verb>, returns a status where it can fail, and
|* has its results last, named out_. Nothing throws, nothing is global, nothing
is
|* printed. Compiles as C11 and as C++.
|*
\*===----------------------------------------------------------------------===*/

#ifndef WEFT_WEFT_H
#define WEFT_WEFT_H

#include "weft/session.h"

#define WEFT_VERSION_MAJOR 0
#define WEFT_VERSION_MINOR 1
#define WEFT_VERSION_PATCH 0

#endif /* WEFT_WEFT_H */
