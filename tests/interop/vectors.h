#pragma once

#include <nlohmann/json.hpp>
#include <string>

// What tests/vectors publishes for those who write a voter's client: every byte from the device's
// secret to the receipt, and what must be refused. Made from this project's own code; checked
// against it here, and by a client that shares no line with it in client.mjs.
namespace smederij::interop {

// The files as this code would write them now, by name. `issuer_pkcs8` is the key they are made
// with, DER.
nlohmann::ordered_json CredentialVectors(const std::string& issuer_pkcs8);
nlohmann::ordered_json BallotVectors(const std::string& issuer_pkcs8);
nlohmann::ordered_json ChoiceVectors();
nlohmann::ordered_json ReceiptVectors();

}  // namespace smederij::interop
