/* placeholder; the ABI header */
#ifndef TESSERA_H
#define TESSERA_H
#endif
