// The other half of the matrix: a role held elsewhere. A round is played; then everybody whose role
// would do in another municipality, or in another district of this one, tries every method that
// asks for a place, with a request that names what really is there.
#include <gmock/gmock.h>
#include <google/protobuf/dynamic_message.h>
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <set>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/base/error.h"
#include "tests/e2e/callers.h"

namespace smederij::e2e {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

// What a played town holds, by the name of the field that asks for it.
std::map<std::string, std::string> Held(Town& town) {
  const auto one = [&](const char* service, const std::string& sql) {
    const Ended ended = Run({"psql", "--no-psqlrc", "--quiet", "--tuples-only", "--no-align",
                             "--dbname", town.cluster().Conninfo("postgres", service), "--command",
                             absl::StrCat(sql, " LIMIT 1")});
    EXPECT_EQ(ended.code, 0) << ended.err;
    return std::string(absl::StripAsciiWhitespace(ended.out));
  };
  return {{"municipality_id", one("registry", "SELECT municipality_id FROM registry.district")},
          {"district_id", one("registry", "SELECT district_id FROM registry.district")},
          {"budget_id", one("ledger", "SELECT budget_id FROM ledger.commitment")},
          {"plan_id", one("ledger", "SELECT plan_id FROM ledger.commitment")},
          {"commitment_id", one("ledger", "SELECT commitment_id FROM ledger.commitment")},
          {"payment_id", one("ledger", "SELECT payment_id FROM ledger.payment")},
          {"payee_id", one("ledger", "SELECT payee_id FROM ledger.payee")},
          {"round_id", one("proposals", "SELECT round_id FROM proposals.round")},
          {"idea_id", one("proposals", "SELECT idea_id FROM proposals.idea")},
          {"group_id", one("proposals", "SELECT group_id FROM proposals.initiative_group")}};
}

// Pages begin at the beginning; of fields that exclude each other one is enough.
const std::set<std::string> kLeftOut = {"page_token", "condition",    "rest",
                                        "entry_type", "receipts_due", "overdue_on"};

class Filler {
 public:
  explicit Filler(const std::map<std::string, std::string>& held) : held_(held) {}

  void Fill(Message& message) const {
    const auto* const type = message.GetDescriptor();
    for (int i = 0; i < type->field_count(); ++i) {
      const FieldDescriptor* const field = type->field(i);
      const auto* const choice = field->real_containing_oneof();
      if (choice != nullptr && choice->field(0) != field) continue;
      if (kLeftOut.count(field->name()) > 0) continue;
      Set(message, *field);
    }
  }

 private:
  void Set(Message& message, const FieldDescriptor& field) const {
    const auto& at = *message.GetReflection();
    const bool many = field.is_repeated();
    switch (field.cpp_type()) {
      case FieldDescriptor::CPPTYPE_MESSAGE:
        Fill(many ? *at.AddMessage(&message, &field) : *at.MutableMessage(&message, &field));
        return;
      case FieldDescriptor::CPPTYPE_STRING:
        if (many) {
          at.AddString(&message, &field, Text(field));
        } else {
          at.SetString(&message, &field, Text(field));
        }
        return;
      case FieldDescriptor::CPPTYPE_INT64:
        if (!many) at.SetInt64(&message, &field, absl::StrContains(field.name(), "vat") ? 0 : 1);
        return;
      case FieldDescriptor::CPPTYPE_INT32:
        if (!many)
          at.SetInt32(&message, &field, absl::StrContains(field.name(), "year") ? 2026 : 1);
        return;
      case FieldDescriptor::CPPTYPE_UINT32:
        if (!many) at.SetUInt32(&message, &field, 1);
        return;
      case FieldDescriptor::CPPTYPE_ENUM:
        // A role that can be granted is not the first.
        if (!many) at.SetEnumValue(&message, &field, field.name() == "role" ? 3 : 1);
        return;
      default:
        return;
    }
  }

  std::string Text(const FieldDescriptor& field) const {
    const std::string& name = field.name();
    if (field.type() == FieldDescriptor::TYPE_BYTES) {
      return std::string(name == "blinded_message" ? 384 : name == "code" ? 8 : 32, 'x');
    }
    if (const auto known = held_.find(name); known != held_.end()) return known->second;
    // Fields that name many: plan_ids.
    if (const auto known = held_.find(name.substr(0, name.size() - 1)); known != held_.end()) {
      return known->second;
    }
    if (name == "from_budget_id" || name == "to_budget_id") return held_.at("budget_id");
    if (absl::EndsWith(name, "_id")) return Uuid::Random().ToString();
    if (name == "iban") return "NL91ABNA0417164300";
    if (name == "currency") return "EUR";
    if (name == "postcodes") return "7901 AB";
    if (name == "taakveld" || name == "category") return "";
    for (const char* const day : {"date", "day", "payable_from"}) {
      if (absl::StrContains(name, day)) return "2026-11-26";
    }
    return "words";
  }

  const std::map<std::string, std::string>& held_;
};

const std::map<std::string, std::set<std::string>> kToldOtherwise = {
    // In the municipality of whoever calls, whichever it is: there is no other place to name.
    {"BooksService.SetLedgerCodes", {"OK"}},
    {"PayeeService.RegisterPayee", {"OK"}},
    {"RegistryService.ImportResidents", {"OK"}},
    {"RegistryService.ListGrants", {"OK"}},
    {"RegistryService.CreateDistrict", {"MUNICIPALITY_NOT_FOUND"}},
    {"RegistryService.GrantRole", {"DISTRICT_NOT_FOUND"}},
    {"RegistryService.EraseResident", {"RESIDENT_NOT_FOUND"}},
    {"RegistryService.RevokeRole", {"GRANT_NOT_FOUND"}},
    // The object that it asks for by an id of its own is not there.
    {"ProposalsService.DecideCorrection", {"CORRECTION_NOT_FOUND"}},
    {"ProposalsService.WithdrawCorrection", {"CORRECTION_NOT_FOUND"}},
    // Refused before, for a request that says too much or too little; their own tests go further.
    {"ProposalsService.CreateRound", {"BAD_INSTANTS"}},
    {"ProposalsService.RescheduleRound", {"BAD_INSTANTS"}},
    {"PollingService.FindOnRoll", {"BAD_REQUEST"}},
    {"PollingService.IssueCredentialWithTicket", {"BAD_LENGTH"}}};

TEST(Elsewhere, ARoleCountsWhereItIsHeld) {
  Town town;
  const Ended played = town.Play();
  ASSERT_EQ(played.code, 0) << played.err;
  const auto held = Held(town);
  for (const auto& [name, value] : held) ASSERT_TRUE(Uuid::Parse(value)) << name << " " << value;
  const MunicipalityId here(*Uuid::Parse(held.at("municipality_id")));
  Callers callers(town);
  google::protobuf::DynamicMessageFactory messages;
  std::map<std::string, std::set<std::string>> otherwise;
  for (const Method* method : AllMethods()) {
    const auto& access = AccessOf(*method);
    const bool district = access.scope() == policy::v1::SCOPE_DISTRICT;
    if (!district && access.scope() != policy::v1::SCOPE_MUNICIPALITY) continue;
    const std::unique_ptr<Message> request(messages.GetPrototype(method->input_type())->New());
    Filler(held).Fill(*request);
    std::vector<rpc::Grant> whole, elsewhere;
    for (const int role : access.roles()) {
      whole.push_back({.role = static_cast<rpc::Role>(role)});
      elsewhere.push_back({.role = static_cast<rpc::Role>(role), .district = DistrictId::Random()});
    }
    std::vector<std::string> tokens = {callers.Token(*method, MunicipalityId::Random(), whole)};
    if (district) tokens.push_back(callers.Token(*method, here, elsewhere));
    for (const std::string& token : tokens) {
      const auto told = callers.Call(*method, {.token = token}, request->SerializeAsString());
      const std::string reason = told.ok() ? "OK" : std::string(ReasonOf(told));
      if (reason == "OTHER_MUNICIPALITY" || reason == "ROLE_NOT_HELD_THERE") continue;
      otherwise[absl::StrCat(method->service()->name(), ".", method->name())].insert(reason);
    }
  }
  // Of a new method that is not refused for its place it has to be said here why that is right.
  EXPECT_EQ(otherwise, kToldOtherwise);
}

}  // namespace
}  // namespace smederij::e2e
