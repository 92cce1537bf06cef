#include "services/cli/bundle/page.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/crypto/hash.h"
#include "nlohmann/json.hpp"
#include "services/ballots/tally/exact.h"
#include "services/cli/counted/words.h"

namespace smederij::cli {
namespace {

using ballots::PlanResult;
using ballots::bundle::Finding;
using ballots::bundle::Outcome;
using ballots::bundle::Report;
using ballots::bundle::StepReport;
using ballots::bundle::Verdict;
using ballots::tally::Language;
using words::Phrase;
using words::Say;

constexpr Phrase kVerified{"VERIFIED: everything holds, and the result is what the ballots say.",
                           "KLOPT: alles klopt, en de uitslag is wat de stemmen zeggen."};
constexpr Phrase kPartial{
    "PARTIAL: what is here holds. $0 ballots are not opened in public, because so few people could "
    "be recognised; the auditor's bundle has them.",
    "GEDEELTELIJK: wat hier staat klopt. $0 stemmen zijn niet openbaar, omdat zo weinig mensen te "
    "herkennen zouden zijn; de accountant heeft ze wel."};
constexpr Phrase kRefused{"NOT VERIFIED: something does not hold.", "KLOPT NIET: er is iets mis."};
constexpr Phrase kDemonstration{"A demonstration: this binds nobody.",
                                "Een demonstratie: dit bindt niemand."};
constexpr Phrase kHolds{"holds", "klopt"};
constexpr Phrase kFails{"WRONG", "FOUT"};
constexpr Phrase kInPart{"in part", "deels"};
constexpr Phrase kNotReached{"not reached", "niet bereikt"};
constexpr Phrase kLeaf{"leaf $0", "blad $0"};
constexpr Phrase kLine{"line $0", "regel $0"};
constexpr Phrase kMore{"and $0 more of that", "en nog $0 daarvan"};
constexpr Phrase kTurnout{"Who voted", "Wie stemden er"};
constexpr Phrase kClass{"$0: $1 may vote, $2 fetched a ballot paper, $3 voted",
                        "$0: $1 mogen stemmen, $2 haalden een stembiljet, $3 stemden"};
constexpr Phrase kOnPaper{"; $0 of them on paper, of $1 handed out; $2 more were invalid",
                          "; $0 daarvan op papier, van $1 uitgereikt; $2 meer waren ongeldig"};
constexpr Phrase kResult{"The result: $0 of $1", "De uitslag: $0 van $1"};
constexpr Phrase kCompare{"Compare with what was signed on paper",
                          "Vergelijk met wat op papier is getekend"};
constexpr Phrase kLogKey{"key of the log", "sleutel van het logboek"};
constexpr Phrase kManifestHash{"hash of the manifest", "code van het manifest"};
constexpr Phrase kResultHash{"hash of the result", "code van de uitslag"};

Phrase MarkOf(Verdict verdict) {
  switch (verdict) {
    case Verdict::kHolds:
      return kHolds;
    case Verdict::kFails:
      return kFails;
    case Verdict::kPartial:
      return kInPart;
    case Verdict::kNotReached:
      return kNotReached;
  }
  return kFails;
}

// "tile/entries/000.p/11, leaf 2: the leaf is not the one that was signed (…)".
std::string Line(const Finding& finding, Language language) {
  std::string where = finding.file;
  const auto add = [&where](const std::string& part) {
    absl::StrAppend(&where, where.empty() ? "" : ", ", part);
  };
  if (finding.line) add(Say(kLine, language, *finding.line));
  if (finding.leaf) add(Say(kLeaf, language, *finding.leaf));
  return absl::StrCat(where, where.empty() ? "" : ": ",
                      ballots::bundle::SentenceOf(finding.wrong, language),
                      finding.detail.empty() ? "" : absl::StrCat(" (", finding.detail, ")"));
}

void AppendSteps(const Report& report, Language language, std::string& page) {
  for (const StepReport& step : report.steps) {
    absl::StrAppendFormat(&page, "  %-12s  %s\n", Say(MarkOf(step.verdict), language),
                          ballots::bundle::SentenceOf(step.step, language));
    for (const Finding& finding : step.findings) {
      absl::StrAppend(&page, "                  ", Line(finding, language), "\n");
    }
    if (step.findings_total > step.findings.size()) {
      absl::StrAppend(&page, "                  ",
                      Say(kMore, language, step.findings_total - step.findings.size()), "\n");
    }
  }
}

std::string Amount(Money money, const std::string& currency, Language language) {
  return ballots::tally::MoneyText(ballots::tally::FromCents(money.cents()), currency, language);
}

void AppendResult(const Report& report, Language language, std::string& page) {
  const ballots::Result& result = *report.result;
  absl::StrAppend(&page, "\n", Say(kTurnout, language), "\n");
  for (const ballots::ClassTurnout& c : result.turnout) {
    const ballots::VoterClass* const voters = report.manifest->FindClass(c.class_id);
    const std::string name = voters != nullptr ? voters->name : absl::StrCat(c.class_id);
    const bool paper = c.marked > 0 || c.paper > 0 || c.invalid > 0;
    absl::StrAppend(&page, "  ", Say(kClass, language, name, c.roll_size, c.issued, c.ballots),
                    paper ? Say(kOnPaper, language, c.paper, c.marked, c.invalid) : "", "\n");
  }
  absl::StrAppend(&page, "\n",
                  Say(kResult, language, Amount(result.awarded, result.currency, language),
                      Amount(result.pot, result.currency, language)),
                  "\n");
  for (const PlanResult& plan : result.plans) {
    const ballots::BallotOption* const option = report.manifest->FindOption(plan.number);
    absl::StrAppendFormat(&page, "  %3d  %s  %s\n       %s\n", plan.number,
                          option != nullptr ? option->title : "",
                          Amount(plan.award, result.currency, language),
                          ballots::SentenceOf(plan, result.currency, language));
  }
}

std::string Headline(const Report& report, Language language) {
  switch (report.outcome()) {
    case Outcome::kVerified:
      return Say(kVerified, language);
    case Outcome::kPartial:
      return Say(kPartial, language, report.withheld);
    case Outcome::kRefused:
      return Say(kRefused, language);
  }
  return "";
}

}  // namespace

std::string VerifyPage(const Report& report, Language language) {
  std::string page;
  if (report.manifest) absl::StrAppend(&page, report.manifest->title, "\n");
  absl::StrAppend(&page, Headline(report, language), "\n");
  if (report.manifest && report.manifest->demonstration) {
    absl::StrAppend(&page, Say(kDemonstration, language), "\n");
  }
  absl::StrAppend(&page, "\n");
  AppendSteps(report, language, page);
  // Numbers that do not hold are not repeated as if they did.
  if (report.result && report.outcome() != Outcome::kRefused) {
    AppendResult(report, language, page);
  }
  if (report.manifest) {
    absl::StrAppendFormat(&page, "\n%s\n  %s\n    %s\n  %s\n    %s\n", Say(kCompare, language),
                          Say(kLogKey, language), report.manifest->log_verifier_key,
                          Say(kManifestHash, language), crypto::ToHex(report.manifest_hash));
    if (report.result) {
      absl::StrAppendFormat(&page, "  %s\n    %s\n", Say(kResultHash, language),
                            crypto::ToHex(report.result_hash));
    }
  }
  return page;
}

std::string VerifyJson(const Report& report) {
  using nlohmann::ordered_json;
  constexpr const char* kOutcomes[] = {"VERIFIED", "REFUSED", "PARTIAL"};
  constexpr const char* kVerdicts[] = {"holds", "fails", "partial", "not_reached"};
  ordered_json json;
  json["outcome"] = kOutcomes[static_cast<size_t>(report.outcome())];
  json["leaves"] = report.leaves;
  json["ballots"] = report.ballots;
  json["paper"] = report.paper;
  json["opened"] = report.opened;
  json["withheld"] = report.withheld;
  if (report.manifest) {
    json["round_id"] = report.manifest->round_id.ToString();
    json["log_key"] = report.manifest->log_verifier_key;
    json["manifest_hash"] = crypto::ToHex(report.manifest_hash);
  }
  if (report.result) json["result_hash"] = crypto::ToHex(report.result_hash);
  for (const StepReport& step : report.steps) {
    ordered_json& of = json["steps"].emplace_back();
    of["step"] = std::string(NameOf(step.step));
    of["verdict"] = kVerdicts[static_cast<size_t>(step.verdict)];
    of["findings_total"] = step.findings_total;
    of["findings"] = ordered_json::array();
    for (const Finding& finding : step.findings) {
      ordered_json& found = of["findings"].emplace_back();
      found["wrong"] = std::string(NameOf(finding.wrong));
      found["file"] = finding.file;
      if (finding.leaf) found["leaf"] = *finding.leaf;
      if (finding.line) found["line"] = *finding.line;
      if (!finding.detail.empty()) found["detail"] = finding.detail;
    }
  }
  // Whatever bytes a bent file held.
  return json.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
}

}  // namespace smederij::cli
