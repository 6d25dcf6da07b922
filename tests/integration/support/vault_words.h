// Looks for words in a vault: in what it holds when it is open, and in its files as they lie on
// disk.
//
// Thread safety: free functions. Ownership: none.
#pragma once

#include <string>
#include <vector>

#include "tests/integration/support/client_world.h"

namespace enlace::testing {

// Those of `words` that stand in any decrypted row of any table, in their order.
std::vector<std::string> WordsIn(const Officer& officer, const std::vector<std::string>& words);

// Those that stand in the clear in any file of the profile's data folder, in UTF-8 or UTF-16; the
// copy of the registry, which names offices and officers to all members, is not looked at.
std::vector<std::string> WordsOnDisk(const Officer& officer, const std::vector<std::string>& words);

// The sealed values of a table's rows and all wrapped data keys, as they lie in the file now.
std::vector<Bytes> SealedBytes(const Officer& officer, const std::string& table);
std::vector<Bytes> WrappedKeys(const Officer& officer);

// How many of `needles` stand anywhere in the vault's files.
size_t CountOnDisk(const Officer& officer, const std::vector<Bytes>& needles);

}  // namespace enlace::testing
