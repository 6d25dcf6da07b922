// Counts the connections that were handed to gRPC, per address and in all, without being told when
// one ends.
//
// gRPC owns a socket from the moment it gets it and reports no close. The table remembers
// descriptor and socket cookie (SO_COOKIE, unique while the system runs) of each; a descriptor that
// no longer answers with its cookie was closed.
//
// Invariants: 1. size() is the sum of the counts per address. 2. A connection is counted until a
// sweep finds it closed, so the counts are never too low. An address is all of IPv4, the first 64
// bits of IPv6.
//
// Thread safety: one thread (the accept loop's). Ownership: borrows descriptors, closes none.
#pragma once

#include <sys/socket.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <unordered_map>

namespace enlace::server {

struct ConnectionLimits {
  size_t per_address = 0;
  size_t in_all = 0;
};

enum class Admission { kAdmitted, kAddressFull, kTableFull };

// The part of a peer's address that its limit is counted under.
std::string AddressKey(const sockaddr_storage& address);

class ConnectionTable {
 public:
  explicit ConnectionTable(ConnectionLimits limits) : limits_(limits) {}

  // Counts the connected socket `fd` of that address when both limits allow it. Sweeps before it
  // says no.
  Admission Admit(int fd, const std::string& address_key);

  // Drops what was closed meanwhile.
  void Sweep();

  size_t size() const { return by_fd_.size(); }

 private:
  struct Entry {
    uint64_t cookie;
    std::string address_key;
  };

  bool AddressFull(const std::string& address_key) const;
  void Drop(std::unordered_map<int, Entry>::iterator entry);

  ConnectionLimits limits_;
  std::unordered_map<int, Entry> by_fd_;
  std::unordered_map<std::string, size_t> per_address_;
};

}  // namespace enlace::server
