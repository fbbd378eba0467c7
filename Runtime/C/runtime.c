#include "tessera.h"
