#include "services/cli/play/import.h"

#include <algorithm>
#include <string>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "services/cli/play/cast.h"
#include "smederij/registry/v1/registry.grpc.pb.h"

namespace smederij::cli {
namespace {

namespace v1 = registry::v1;

constexpr size_t kBatch = 1000;  // What registry takes in one message.

grpc::Status Stream(const Stage& stage, grpc::ClientContext* context,
                    v1::ImportResidentsResponse* response) {
  v1::RegistryService::Stub stub(stage.deployment.registry.channel());
  response->Clear();
  const auto writer = stub.ImportResidents(context, response);
  v1::ImportResidentsRequest part;
  part.mutable_header()->set_request_id(stage.RequestIdOf("residents"));
  bool open = writer->Write(part);
  const auto& residents = stage.script.residents;
  for (size_t at = 0; open && at < residents.size(); at += kBatch) {
    v1::ResidentBatch& batch = *part.mutable_batch();
    batch.Clear();
    for (size_t i = at; i < std::min(at + kBatch, residents.size()); ++i) {
      v1::Resident& resident = *batch.add_residents();
      resident.set_subject(residents[i].subject);
      resident.set_birth_date(residents[i].birth_date);
      resident.set_postcode(residents[i].postcode.empty() ? stage.script.postcode
                                                          : residents[i].postcode);
      resident.set_name(residents[i].name);
    }
    open = writer->Write(part);
  }
  writer->WritesDone();
  return writer->Finish();
}

}  // namespace

absl::Status ImportResidents(const Stage& stage) {
  ASSIGN_OR_RETURN(const std::string token, stage.tokens.For(kRegistrar, Audience::kRegistry));
  v1::ImportResidentsResponse imported;
  const auto once = [&](grpc::ClientContext* context) { return Stream(stage, context, &imported); };
  RETURN_IF_ERROR(stage.deployment.registry.Patiently(once, token));
  stage.tell(absl::StrCat(imported.created() + imported.updated(), " residents are registered"));
  return absl::OkStatus();
}

}  // namespace smederij::cli
