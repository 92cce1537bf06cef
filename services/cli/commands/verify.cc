#include "services/cli/commands/verify.h"

#include <iostream>
#include <memory>
#include <string>

#include "common/base/status_macros.h"
#include "services/cli/bundle/folder.h"
#include "services/cli/bundle/page.h"
#include "services/cli/commands/charter_flags.h"
#include "services/cli/commands/outcome.h"

namespace smederij::cli {
namespace {

namespace bundle = ballots::bundle;

// Besides 0, verified, and 1, not: what is here holds, and some of it is not here.
constexpr int kPartial = 3;

struct Options {
  std::string path;
  bundle::Options verify;
  bool json = false;
  ballots::tally::Language language = ballots::tally::Language::kEnglish;
};

int Run(const Options& options) {
  const absl::StatusOr<bundle::Files> files = ReadFolder(options.path);
  if (!files.ok()) return Refuse(files.status());
  const bundle::Report report = bundle::Verify(*files, options.verify);
  if (options.json) {
    std::cout << VerifyJson(report) << '\n';
  } else {
    std::cout << VerifyPage(report, options.language);
  }
  std::cout.flush();
  switch (report.outcome()) {
    case bundle::Outcome::kVerified:
      return kDone;
    case bundle::Outcome::kPartial:
      return kPartial;
    case bundle::Outcome::kRefused:
      return kRefused;
  }
  return kRefused;
}

}  // namespace

void AddVerify(CLI::App& program, int& exit_code) {
  auto options = std::make_shared<Options>();
  CLI::App& command =
      *program.add_subcommand("verify",
                              "count a round's bundle again, from its files alone; ends with 0 "
                              "when everything holds, 1 when "
                              "not, 3 when what is published holds and some is withheld");
  command.add_option("bundle", options->path, "the folder")->required();
  command.add_option("--log-key", options->verify.log_key,
                     "the log's key as you know it from elsewhere; else the manifest is believed");
  command.add_option("--threads", options->verify.threads, "for signatures; else every core")
      ->check(CLI::Range(1, 256));
  command.add_flag("--json", options->json, "one line of JSON");
  AddLanguage(command, options->language);
  command.callback([options, &exit_code] { exit_code = Run(*options); });
}

}  // namespace smederij::cli
