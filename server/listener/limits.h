// Bounds of the network side of the server. Every connection, stream, message and wait of this
// folder is limited by a name of this header; the operator may lower or raise the connection limits
// in server.toml.
//
// Thread safety: constants. Source: DESIGN chapter 7.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace enlace::server {

// What is read of a request at all. gRPC refuses a larger one before it is parsed, with
// RESOURCE_EXHAUSTED and no reason of ours; between the services' own limit of 2 MiB and this one
// the answer is BODY_TOO_LARGE.
inline constexpr int kReceiveBytesMax = 4 << 20;
// Metadata of a call; ours carry none of their own.
inline constexpr int kMetadataBytesMax = 8 << 10;
// Without this cap a flood of stream resets costs the server ten times the memory.
inline constexpr int kConcurrentStreamsMax = 64;

// TLS and HTTP/2 settings of a new connection, together.
inline constexpr std::chrono::milliseconds kHandshakeTimeout{5000};
// A connection without calls is closed after this long. Devices that follow their inbox always have
// one.
inline constexpr std::chrono::milliseconds kConnectionIdleMax{5 * 60 * 1000};

// The server's own pings find peers that vanished.
inline constexpr std::chrono::milliseconds kKeepaliveInterval{60 * 1000};
inline constexpr std::chrono::milliseconds kKeepaliveTimeout{20 * 1000};
// Clients may ping this often; more often, twice, ends the connection (ENHANCE_YOUR_CALM).
inline constexpr std::chrono::milliseconds kClientPingIntervalMin{20 * 1000};
inline constexpr int kClientPingStrikesMax = 2;

// Connections of the main listener: an authority's machines often share one address.
inline constexpr size_t kConnectionsPerAddress = 256;
inline constexpr size_t kConnectionsInAll = 4096;
// Of the enrolment listener, which strangers may reach.
inline constexpr size_t kEnrolmentConnectionsPerAddress = 8;
inline constexpr size_t kEnrolmentConnectionsInAll = 64;

// Descriptors that connections leave to the store, logs, pollers and the metrics page.
inline constexpr size_t kReservedDescriptors = 40;
// Connections that wait to be accepted.
inline constexpr int kListenBacklog = 512;
// How often closed connections are taken off the count when nothing arrives.
inline constexpr std::chrono::milliseconds kSweepInterval{500};
// Pause of the accept loop when not even the spare descriptor can be had.
inline constexpr std::chrono::milliseconds kDescriptorPause{50};

}  // namespace enlace::server
