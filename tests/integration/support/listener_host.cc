// A process that holds one listener and a service which answers with the peer's certificate; for
// listener tests.
//
// Usage: listener_host FOLDER CONNECTIONS_PER_ADDRESS CONNECTIONS_IN_ALL. FOLDER holds server.pem
// and server.key. Prints the port, then serves until a signal ends it.
#include <grpcpp/grpcpp.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <iostream>
#include <sstream>

#include "enlace/v1/registry.grpc.pb.h"
#include "server/listener/grpc_listener.h"
#include "server/listener/tls_policy.h"

namespace {

class PeerEcho : public enlace::v1::RegistryService::CallbackService {
 public:
  grpc::ServerUnaryReactor* GetHead(grpc::CallbackServerContext* context,
                                    const enlace::v1::GetHeadRequest* /*request*/,
                                    enlace::v1::GetHeadResponse* response) override {
    const auto shown = context->auth_context()->FindPropertyValues("x509_pem_cert");
    if (!shown.empty()) response->set_signed_head(std::string(shown[0].data(), shown[0].size()));
    grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
    reactor->Finish(grpc::Status::OK);
    return reactor;
  }
};

std::string ReadFile(const std::string& path) {
  std::ifstream in(path);
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4 || !enlace::server::RequireTls13().ok()) return EXIT_FAILURE;
  const std::string folder = argv[1];
  PeerEcho echo;
  const auto key = enlace::SecretBytes::CopyOf(enlace::AsBytes(ReadFile(folder + "/server.key")));
  enlace::server::ListenerOptions options;
  options.accept.addresses = {"127.0.0.1"};
  options.accept.limits = {std::strtoul(argv[2], nullptr, 10), std::strtoul(argv[3], nullptr, 10)};
  options.certificate_pem = ReadFile(folder + "/server.pem");
  options.private_key_pem = &key;
  options.services = {&echo};
  options.health_and_reflection = true;
  auto listener = enlace::server::GrpcListener::Create(options);
  if (!listener.ok()) {
    std::cerr << listener.status().ToString() << "\n";
    return EXIT_FAILURE;
  }
  (*listener)->Start();
  std::cout << (*listener)->port() << std::endl;
  pause();
  return EXIT_SUCCESS;
}
