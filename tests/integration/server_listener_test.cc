// The listener from outside: mutual TLS with certificates that only the registry could judge,
// TLS 1.3 only, and what idle, half-open and surplus connections may take.
#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <sys/socket.h>

#include <filesystem>
#include <fstream>

#include "enlace/v1/registry.grpc.pb.h"
#include "server/listener/limits.h"
#include "server/listener/unique_fd.h"
#include "tests/integration/support/subprocess.h"
#include "tests/integration/support/tls_material.h"

namespace enlace::testing {
namespace {

using server::UniqueFd;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr seconds kPatience{20};

UniqueFd ConnectTcp(int port) {
  UniqueFd fd(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (connect(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof(address)) != 0) fd.Reset();
  return fd;
}

// True when the peer closed the connection within `timeout`.
bool ClosedWithin(int fd, milliseconds timeout) {
  const auto end = std::chrono::steady_clock::now() + timeout;
  while (std::chrono::steady_clock::now() < end) {
    pollfd ready{fd, POLLIN, 0};
    if (poll(&ready, 1, 100) <= 0) continue;
    char byte[256];
    if (recv(fd, byte, sizeof(byte), 0) <= 0) return true;
  }
  return false;
}

struct HostLimits {
  int per_address = 64;
  int in_all = 64;
  uint64_t descriptors_max = 0;
};

class ListenerTest : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::temp_directory_path() /
              ("enlace-listener-" + std::to_string(getpid()) + "-" +
               ::testing::UnitTest::GetInstance()->current_test_info()->name());
    std::filesystem::create_directories(folder_);
    server_ = MakeTlsMaterial({.common_name = "server", .subject_alt_name = "DNS:localhost"});
    std::ofstream(folder_ / "server.pem") << server_.certificate_pem();
    std::ofstream(folder_ / "server.key") << server_.key_pem();
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  void StartHost(const HostLimits& limits = {}) {
    auto host = Subprocess::Start(
        {.command = {ENLACE_LISTENER_HOST, folder_.string(), std::to_string(limits.per_address),
                     std::to_string(limits.in_all)},
         .descriptors_max = limits.descriptors_max});
    ASSERT_TRUE(host.ok());
    host_.emplace(*std::move(host));
    const auto line = host_->ReadLine(kPatience);
    ASSERT_TRUE(line.has_value());
    port_ = std::stoi(*line);
  }

  std::shared_ptr<grpc::Channel> ChannelAs(const TlsMaterial* client) const {
    grpc::SslCredentialsOptions tls;
    tls.pem_root_certs = server_.certificate_pem();
    if (client != nullptr) {
      tls.pem_cert_chain = client->certificate_pem();
      tls.pem_private_key = client->key_pem();
    }
    grpc::ChannelArguments arguments;
    // Each channel its own connection.
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    return grpc::CreateCustomChannel("dns:///localhost:" + std::to_string(port_),
                                     grpc::SslCredentials(tls), arguments);
  }

  grpc::Status CallAs(const TlsMaterial* client, std::string* shown = nullptr,
                      milliseconds timeout = kPatience) const {
    const auto stub = enlace::v1::RegistryService::NewStub(ChannelAs(client));
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + timeout);
    enlace::v1::GetHeadResponse response;
    const grpc::Status status = stub->GetHead(&context, {}, &response);
    if (shown != nullptr) *shown = response.signed_head();
    return status;
  }

  // Calls until one succeeds; the host may have to notice closed connections first.
  bool CallSucceedsWithin(const TlsMaterial& client, milliseconds timeout) const {
    const auto end = std::chrono::steady_clock::now() + timeout;
    while (std::chrono::steady_clock::now() < end) {
      if (CallAs(&client, nullptr, seconds(2)).ok()) return true;
    }
    return false;
  }

  std::filesystem::path folder_;
  TlsMaterial server_;
  std::optional<Subprocess> host_;
  int port_ = 0;
};

TEST_F(ListenerTest, DeviceOfAnEd25519Ca_IsShownWithItsOwnCertificate) {
  StartHost();
  const TlsMaterial ca = MakeTlsMaterial({.common_name = "CA", .is_ca = true, .ed25519 = true});
  const TlsMaterial device =
      MakeTlsMaterial({.common_name = "ofc-hn-007",
                       .subject_alt_name = "URI:enlace://hn/officers/ofc-hn-007/devices/dev-1"},
                      &ca);
  std::string shown;
  const grpc::Status status = CallAs(&device, &shown);
  ASSERT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(shown, device.certificate_pem());
}

TEST_F(ListenerTest, SelfSignedStranger_ReachesTheCallWithItsOwnCertificate) {
  StartHost();
  const TlsMaterial stranger = MakeTlsMaterial({.common_name = "stranger"});
  std::string shown;
  ASSERT_TRUE(CallAs(&stranger, &shown).ok());
  EXPECT_EQ(shown, stranger.certificate_pem());
}

TEST_F(ListenerTest, ClientWithoutCertificate_GetsNoCallThrough) {
  StartHost();
  EXPECT_EQ(CallAs(nullptr, nullptr, seconds(3)).error_code(), grpc::StatusCode::UNAVAILABLE);
}

// What a TLS client of one version reaches: true when the handshake completes.
bool HandshakeCompletes(int port, int version, const TlsMaterial& client) {
  const UniqueFd fd = ConnectTcp(port);
  SSL_CTX* context = SSL_CTX_new(TLS_client_method());
  SSL_CTX_set_min_proto_version(context, version);
  SSL_CTX_set_max_proto_version(context, version);
  // Every suite that OpenSSL has, so that only the version can be what is refused.
  SSL_CTX_set_cipher_list(context, "ALL:@SECLEVEL=0");
  SSL_CTX_use_certificate(context, client.certificate.get());
  SSL_CTX_use_PrivateKey(context, client.key.get());
  const unsigned char h2[] = {2, 'h', '2'};
  SSL_CTX_set_alpn_protos(context, h2, sizeof(h2));
  SSL* tls = SSL_new(context);
  SSL_set_fd(tls, fd.get());
  const bool completes = SSL_connect(tls) == 1;
  SSL_free(tls);
  SSL_CTX_free(context);
  return completes;
}

TEST_F(ListenerTest, Tls12Client_IsRefused_WhileTls13Passes) {
  StartHost();
  const TlsMaterial client = MakeTlsMaterial({.common_name = "client"});
  EXPECT_TRUE(HandshakeCompletes(port_, TLS1_3_VERSION, client));
  EXPECT_FALSE(HandshakeCompletes(port_, TLS1_2_VERSION, client));
  EXPECT_FALSE(HandshakeCompletes(port_, TLS1_1_VERSION, client));
}

TEST_F(ListenerTest, HalfHandshake_IsCutWithinTheTimeout) {
  StartHost();
  const UniqueFd silent = ConnectTcp(port_);
  ASSERT_TRUE(static_cast<bool>(silent));
  // The first bytes of a ClientHello that never goes on.
  const unsigned char start[] = {0x16, 0x03, 0x01, 0x02, 0x00};
  ASSERT_EQ(send(silent.get(), start, sizeof(start), 0), static_cast<ssize_t>(sizeof(start)));
  EXPECT_TRUE(ClosedWithin(silent.get(), 2 * server::kHandshakeTimeout));
}

TEST_F(ListenerTest, ConnectionsPastTheLimitOfTheirAddress_AreClosedAtOnce) {
  StartHost({.per_address = 3, .in_all = 64});
  std::vector<UniqueFd> held;
  for (int i = 0; i < 3; ++i) held.push_back(ConnectTcp(port_));
  const UniqueFd surplus = ConnectTcp(port_);
  EXPECT_TRUE(ClosedWithin(surplus.get(), seconds(1)));
  EXPECT_FALSE(ClosedWithin(held[0].get(), milliseconds(200)));
  // Once the first three are gone there is room again.
  held.clear();
  EXPECT_TRUE(CallSucceedsWithin(MakeTlsMaterial({.common_name = "client"}), seconds(5)));
}

TEST_F(ListenerTest, TwoHundredIdleConnectionsWithSixtyFourDescriptors_DoNotEndTheService) {
  StartHost({.per_address = 1000, .in_all = 1000, .descriptors_max = 64});
  const TlsMaterial client = MakeTlsMaterial({.common_name = "client"});
  ASSERT_TRUE(CallAs(&client).ok());
  std::vector<UniqueFd> idle;
  for (int i = 0; i < 200; ++i) idle.push_back(ConnectTcp(port_));
  // The idle ones never shake hands, so they lose their places by themselves while still held open
  // here.
  EXPECT_TRUE(CallSucceedsWithin(client, 3 * server::kHandshakeTimeout));
}

TEST_F(ListenerTest, FloodOfShortConnections_LeavesTheServiceWell) {
  StartHost({.per_address = 32, .in_all = 64, .descriptors_max = 128});
  for (int i = 0; i < 5000; ++i) ConnectTcp(port_);
  EXPECT_TRUE(CallSucceedsWithin(MakeTlsMaterial({.common_name = "client"}), seconds(10)));
}

TEST_F(ListenerTest, MessagePastTheReceiveLimit_IsResourceExhausted) {
  StartHost();
  const TlsMaterial client = MakeTlsMaterial({.common_name = "client"});
  const auto stub = enlace::v1::RegistryService::NewStub(ChannelAs(&client));
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + kPatience);
  enlace::v1::GetHeadRequest request;
  request.GetReflection()->MutableUnknownFields(&request)->AddLengthDelimited(
      100, std::string(server::kReceiveBytesMax, 'x'));
  enlace::v1::GetHeadResponse response;
  EXPECT_EQ(stub->GetHead(&context, request, &response).error_code(),
            grpc::StatusCode::RESOURCE_EXHAUSTED);
}

}  // namespace
}  // namespace enlace::testing
