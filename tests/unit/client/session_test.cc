// The session against real servers on loopback, each with a certificate of its own.
#include "client/session/session.h"

#include <grpcpp/grpcpp.h>
#include <grpcpp/security/server_credentials.h>
#include <grpcpp/security/tls_certificate_provider.h>
#include <grpcpp/security/tls_credentials_options.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <future>
#include <thread>

#include "client/session/request_id.h"
#include "crypto/identity/issue.h"
#include "crypto/primitives/system_rng.h"
#include "enlace/v1/blob.grpc.pb.h"
#include "enlace/v1/enrolment.grpc.pb.h"
#include "enlace/v1/inbox.grpc.pb.h"
#include "enlace/v1/registry.grpc.pb.h"
#include "proto/errors/reasons.h"
#include "proto/errors/rpc_status.h"

namespace enlace::client {
namespace {

constexpr int64_t kNowMs = 1'795'000'000'000;

struct Material {
  identity::Certificate certificate;
  identity::PrivateKey key;
};

Material MakeServer(crypto::Rng& rng) {
  auto key = identity::PrivateKey::Generate(identity::KeyType::kP256, rng);
  auto certificate =
      identity::MakeServerCertificate({"localhost", {"localhost"}}, key, kNowMs, rng);
  EXPECT_TRUE(certificate.ok()) << certificate.status();
  return {*certificate, std::move(key)};
}

ClientIdentity MakeClient(crypto::Rng& rng) {
  const auto ca_key = identity::PrivateKey::Generate(identity::KeyType::kEd25519, rng);
  const auto ca = identity::MakeAuthorityCa("hn", ca_key, kNowMs, rng);
  const auto key = identity::PrivateKey::Generate(identity::KeyType::kP256, rng);
  const auto uri = identity::DeviceUri::Create("ofc-hn-007", "dev-1");
  const auto request = identity::MakeSigningRequest(*uri, key);
  EXPECT_TRUE(request.ok()) << request.status();
  const auto certificate = identity::IssueDeviceCertificate(*request, {*ca, ca_key, kNowMs}, rng);
  EXPECT_TRUE(certificate.ok()) << certificate.status();
  return {certificate->der(), key.pkcs8().Clone()};
}

// What the calls of the tests need of a server.
class Registry final : public v1::RegistryService::Service {
 public:
  grpc::Status GetHead(grpc::ServerContext* context, const v1::GetHeadRequest*,
                       v1::GetHeadResponse* response) override {
    ++calls;
    const auto names = context->auth_context()->FindPropertyValues("x509_pem_cert");
    response->set_signed_head(names.empty() ? "" : std::string(names[0].data(), names[0].size()));
    return grpc::Status::OK;
  }
  grpc::Status Publish(grpc::ServerContext*, const v1::PublishRequest*,
                       v1::PublishResponse*) override {
    return ToGrpc(MakeError(Reason::kRoleMissing, {{"role", "admin"}}));
  }
  grpc::Status GetProof(grpc::ServerContext* context, const v1::GetProofRequest*,
                        v1::GetProofResponse*) override {
    while (!context->IsCancelled()) std::this_thread::yield();
    return grpc::Status::CANCELLED;
  }
  std::atomic<int> calls = 0;
};

class Inbox final : public v1::InboxService::Service {
 public:
  grpc::Status Subscribe(grpc::ServerContext* context, const v1::SubscribeRequest* request,
                         grpc::ServerWriter<v1::SubscribeResponse>* writer) override {
    v1::SubscribeResponse response;
    for (uint64_t i = 1; i <= 3; ++i) {
      response.set_registry_size(request->cursor() + i);
      writer->Write(response);
    }
    if (request->cursor() == 100) return ToGrpc(MakeError(Reason::kStreamReplaced));
    while (!context->IsCancelled()) std::this_thread::yield();
    return grpc::Status::CANCELLED;
  }
};

class Blobs final : public v1::BlobService::Service {
 public:
  grpc::Status GetBlob(grpc::ServerContext*, const v1::GetBlobRequest* request,
                       grpc::ServerWriter<v1::GetBlobResponse>* writer) override {
    const std::string blob = "0123456789";
    for (size_t at = request->offset(); at < blob.size(); at += 4) {
      v1::GetBlobResponse response;
      response.set_chunk(blob.substr(at, 4));
      writer->Write(response);
    }
    return grpc::Status::OK;
  }
};

class Server {
 public:
  explicit Server(const Material& material, int port = 0) {
    const SecretBytes key_pem = material.key.ToPem();
    auto provider = std::make_shared<grpc::experimental::StaticDataCertificateProvider>(
        std::vector<grpc::experimental::IdentityKeyCertPair>{
            {ToText(key_pem.view()), material.certificate.ToPem()}});
    grpc::experimental::TlsServerCredentialsOptions options(provider);
    options.watch_identity_key_cert_pairs();
    options.set_cert_request_type(GRPC_SSL_REQUEST_CLIENT_CERTIFICATE_BUT_DONT_VERIFY);
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:" + std::to_string(port),
                             grpc::experimental::TlsServerCredentials(options), &port_);
    builder.RegisterService(&registry);
    builder.RegisterService(&inbox_);
    builder.RegisterService(&blobs_);
    server_ = builder.BuildAndStart();
  }
  ~Server() { server_->Shutdown(std::chrono::system_clock::now()); }

  int port() const { return port_; }
  std::string address() const { return "127.0.0.1:" + std::to_string(port_); }

  Registry registry;

 private:
  int port_ = 0;
  Inbox inbox_;
  Blobs blobs_;
  std::unique_ptr<grpc::Server> server_;
};

class SessionTest : public ::testing::Test {
 protected:
  SessionTest() : material_(MakeServer(rng_)), identity_(MakeClient(rng_)), server_(material_) {}

  std::unique_ptr<Session> Connect(const std::string& address) {
    auto session = Session::Connect({address, material_.certificate.fingerprint()}, identity_);
    EXPECT_TRUE(session.ok()) << session.status();
    return std::move(*session);
  }

  crypto::SystemRng rng_;
  Material material_;
  ClientIdentity identity_;
  Server server_;
};

TEST_F(SessionTest, Call_ReachesThePinnedServer_WithOurCertificate) {
  const auto session = Connect(server_.address());
  ASSERT_TRUE(session->WaitConnected(kCallTimeoutMs).ok());
  const auto head = session->GetHead({}, kCallTimeoutMs);
  ASSERT_TRUE(head.ok()) << head.status();
  const auto seen = identity::Certificate::FromPem(head->signed_head());
  ASSERT_TRUE(seen.ok()) << seen.status();
  EXPECT_EQ(seen->der(), identity_.tls_certificate);
}

TEST_F(SessionTest, ServerWithAnotherCertificate_IsRefused_AndGetsNothing) {
  Server impostor(MakeServer(rng_));
  const auto session = Connect(impostor.address());
  const auto head = session->GetHead({}, kCallTimeoutMs);
  EXPECT_TRUE(HasReason(head.status(), Reason::kServerIdentity)) << head.status();
  EXPECT_TRUE(HasReason(session->WaitConnected(kCallTimeoutMs), Reason::kServerIdentity));
  EXPECT_EQ(impostor.registry.calls, 0);
  const auto enrolment =
      EnrolmentSession::Connect({impostor.address(), material_.certificate.fingerprint()});
  ASSERT_TRUE(enrolment.ok());
  EXPECT_TRUE(
      HasReason((*enrolment)->GetCharters({}, kCallTimeoutMs).status(), Reason::kServerIdentity));
}

TEST_F(SessionTest, Enrolment_ConnectsWithoutACertificate) {
  const auto enrolment =
      EnrolmentSession::Connect({server_.address(), material_.certificate.fingerprint()});
  ASSERT_TRUE(enrolment.ok());
  // The test's server has no such service: the answer shows that the call arrived.
  const auto charters = (*enrolment)->GetCharters({}, kCallTimeoutMs);
  EXPECT_EQ(charters.status().code(), absl::StatusCode::kUnimplemented) << charters.status();
}

TEST_F(SessionTest, NobodyListening_IsUnreachable) {
  int port = 0;
  {
    const Server gone(material_);
    port = gone.port();
  }
  const auto session = Connect("127.0.0.1:" + std::to_string(port));
  const auto head = session->GetHead({}, kCallTimeoutMs);
  EXPECT_TRUE(HasReason(head.status(), Reason::kServerUnreachable)) << head.status();
  EXPECT_TRUE(HasReason(session->WaitConnected(300), Reason::kServerUnreachable));
  const Server back(material_, port);
  EXPECT_TRUE(session->WaitConnected(kCallTimeoutMs).ok());
  EXPECT_TRUE(session->GetHead({}, kCallTimeoutMs).ok());
}

TEST_F(SessionTest, RefusalOfTheServer_KeepsReasonAndMetadata) {
  const auto session = Connect(server_.address());
  const auto answer = session->Publish({}, kCallTimeoutMs);
  ASSERT_TRUE(HasReason(answer.status(), Reason::kRoleMissing)) << answer.status();
  EXPECT_EQ(InfoOf(answer.status()).metadata["role"], "admin");
}

TEST_F(SessionTest, SilentServer_IsUnreachableAtTheDeadline) {
  const auto session = Connect(server_.address());
  ASSERT_TRUE(session->WaitConnected(kCallTimeoutMs).ok());
  const auto answer = session->GetProof({}, 200);
  EXPECT_TRUE(HasReason(answer.status(), Reason::kServerUnreachable)) << answer.status();
}

TEST_F(SessionTest, Subscription_DeliversInOrder_AndSaysWhyItEnded) {
  const auto session = Connect(server_.address());
  std::vector<uint64_t> seen;
  std::promise<absl::Status> ended;
  v1::SubscribeRequest request;
  request.set_cursor(100);
  const auto subscription =
      session->Subscribe(request, {[&](const v1::SubscribeResponse& response) {
                                     seen.push_back(response.registry_size());
                                     return true;
                                   },
                                   [&](const absl::Status& status) { ended.set_value(status); }});
  ASSERT_TRUE(subscription.ok());
  EXPECT_TRUE(HasReason(ended.get_future().get(), Reason::kStreamReplaced));
  EXPECT_EQ(seen, (std::vector<uint64_t>{101, 102, 103}));
}

TEST_F(SessionTest, Subscription_EndsWhenCancelledOrDestroyed) {
  const auto session = Connect(server_.address());
  std::promise<void> first;
  std::atomic<int> ends = 0;
  std::atomic<int> responses = 0;
  auto subscription = session->Subscribe({}, {[&](const v1::SubscribeResponse&) {
                                                if (++responses == 1) first.set_value();
                                                return true;
                                              },
                                              [&](const absl::Status& status) {
                                                EXPECT_FALSE(status.ok());
                                                ++ends;
                                              }});
  ASSERT_TRUE(subscription.ok());
  first.get_future().wait();
  subscription->reset();
  EXPECT_EQ(ends, 1);
}

TEST_F(SessionTest, Blob_ComesFromItsOffset_AndCanBeRefused) {
  const auto session = Connect(server_.address());
  v1::GetBlobRequest request;
  request.set_offset(3);
  std::string blob;
  const auto collect = [&](BytesView chunk) {
    blob += AsText(chunk);
    return absl::OkStatus();
  };
  ASSERT_TRUE(session->GetBlob(request, kCallTimeoutMs, collect).ok());
  EXPECT_EQ(blob, "3456789");
  const auto refuse = [](BytesView) { return MakeError(Reason::kLocalDiskFull); };
  EXPECT_TRUE(HasReason(session->GetBlob(request, kCallTimeoutMs, refuse), Reason::kLocalDiskFull));
}

TEST_F(SessionTest, UnreadableIdentityOrAddress_IsRefusedBeforeAnyConnection) {
  ClientIdentity broken{identity_.tls_certificate, SecretBytes(5)};
  EXPECT_FALSE(
      Session::Connect({server_.address(), material_.certificate.fingerprint()}, broken).ok());
  for (const char* address : {"", "localhost", "localhost:", "localhost:0", "localhost:65536",
                              "a b:1", "::1:7000", "[::1:7000", "unix:/x", "https://x:1/"}) {
    EXPECT_TRUE(HasReason(CheckServerAddress(address), Reason::kUsage)) << address;
  }
  for (const char* address : {"localhost:7000", "127.0.0.1:1", "[::1]:65535", "a-b.example:443"}) {
    EXPECT_TRUE(CheckServerAddress(address).ok()) << address;
  }
}

// A listener of OpenSSL alone that speaks only `version`.
class PlainTlsServer {
 public:
  PlainTlsServer(const Material& material, int version) {
    context_ = SSL_CTX_new(TLS_server_method());
    // Undoes the process's own rule, which holds for every new context.
    SSL_CTX_clear_options(context_, SSL_OP_NO_TLSv1_2);
    SSL_CTX_set_min_proto_version(context_, version);
    SSL_CTX_set_max_proto_version(context_, version);
    const unsigned char alpn[] = {2, 'h', '2'};
    SSL_CTX_set_alpn_protos(context_, alpn, sizeof(alpn));
    SSL_CTX_set_alpn_select_cb(
        context_,
        [](SSL*, const unsigned char** out, unsigned char* out_size, const unsigned char*,
           unsigned int, void*) {
          static constexpr unsigned char kH2[] = {'h', '2'};
          *out = kH2;
          *out_size = sizeof(kH2);
          return SSL_TLSEXT_ERR_OK;
        },
        nullptr);
    const SecretBytes key = material.key.ToPem();
    BIO* key_bio = BIO_new_mem_buf(key.view().data(), static_cast<int>(key.size()));
    EVP_PKEY* pkey = PEM_read_bio_PrivateKey(key_bio, nullptr, nullptr, nullptr);
    SSL_CTX_use_PrivateKey(context_, pkey);
    SSL_CTX_use_certificate_ASN1(context_, static_cast<int>(material.certificate.der().size()),
                                 material.certificate.der().data());
    EVP_PKEY_free(pkey);
    BIO_free(key_bio);
    listener_ = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof(address));
    listen(listener_, 4);
    socklen_t size = sizeof(address);
    getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
  }
  ~PlainTlsServer() {
    close(listener_);
    SSL_CTX_free(context_);
  }

  std::string address() const { return "127.0.0.1:" + std::to_string(port_); }

  // Whether the next peer completes a handshake.
  bool AcceptOne() {
    const int peer = accept(listener_, nullptr, nullptr);
    SSL* ssl = SSL_new(context_);
    SSL_set_fd(ssl, peer);
    const bool done = SSL_accept(ssl) == 1;
    SSL_free(ssl);
    close(peer);
    return done;
  }

 private:
  SSL_CTX* context_ = nullptr;
  int listener_ = -1;
  uint16_t port_ = 0;
};

TEST_F(SessionTest, ServerThatSpeaksOnlyTls12_IsNotTalkedTo) {
  for (const auto& [version, completes] :
       {std::pair(TLS1_3_VERSION, true), std::pair(TLS1_2_VERSION, false)}) {
    const auto session = Connect("127.0.0.1:9");  // Sets the process's rule first.
    PlainTlsServer server(material_, version);
    const auto connected = Connect(server.address());
    auto accepted = std::async(std::launch::async, [&] { return server.AcceptOne(); });
    EXPECT_FALSE(connected->GetHead({}, 2000).ok());
    EXPECT_EQ(accepted.get(), completes) << version;
  }
}

TEST(RequestId, IsAUuidOfVersion7WithItsTime) {
  crypto::SystemRng rng;
  const std::string id = NewRequestId(kNowMs, rng);
  ASSERT_EQ(id.size(), kRequestIdBytes);
  EXPECT_NE(id, NewRequestId(kNowMs, rng));
  const std::string text = FormatUuid(AsBytes(id));
  EXPECT_EQ(text.substr(0, 15), "01a1ee56-5e00-7") << text;
  EXPECT_TRUE(text[19] == '8' || text[19] == '9' || text[19] == 'a' || text[19] == 'b') << text;
}

}  // namespace
}  // namespace enlace::client
