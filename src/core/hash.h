/* The two hashes of the house: XXH3-128 for identities (well-kept library), CRC32C for records on disk. */
#ifndef GP_HASH_H
#define GP_HASH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { GP_HASH_TEXT = 33 }; /* 32 hexadecimal digits and the zero */

/* The 128-bit XXH3 hash of the bytes as 32 lower-case hexadecimal digits. Not cryptographic: it names things,
 * it does not defend them. */
void gp_hash_text(char out[static GP_HASH_TEXT], const void *bytes, size_t length);

/* The same of a file's bytes, as xxh128sum prints it; false when it cannot be read. */
bool gp_hash_file(char out[static GP_HASH_TEXT], const char *path);

/* CRC-32C (Castagnoli polynomial 0x1EDC6F41, reflected), continued from `crc` (0 to start). RFC 3720 B.4. */
uint32_t gp_crc32c(uint32_t crc, const void *bytes, size_t length);

#endif
