#pragma once

#include <grpcpp/security/credentials.h>
#include <grpcpp/security/server_credentials.h>

#include <memory>
#include <string>

#include "absl/status/statusor.h"

namespace smederij::rpc {

// One identity: a certificate chain and its key, and the authority that vouches for everybody
// else's. Paths of PEM files. All empty means no TLS, for a server that listens on this machine
// alone: nobody can be recognised as a service there.
struct TlsFiles {
  std::string certificate = {};
  std::string key = {};
  std::string authority = {};

  bool empty() const { return certificate.empty() && key.empty() && authority.empty(); }
};

// Credentials from the files' present contents. Refusal: FAILED_PRECONDITION TLS_FILE_UNREADABLE
// with the path, or TLS_KEY_MISMATCH when the key is not the certificate's.
//
// A server asks for a client certificate without requiring one, and verifies what it gets. A client
// presents its own if it has one: `certificate` and `key` may be empty.
absl::StatusOr<std::shared_ptr<grpc::ServerCredentials>> ServerTls(const TlsFiles& files);
absl::StatusOr<std::shared_ptr<grpc::ChannelCredentials>> ClientTls(const TlsFiles& files);

}  // namespace smederij::rpc
