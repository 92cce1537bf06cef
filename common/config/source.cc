#include "common/config/source.h"

#include <sys/stat.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <utility>

#include "absl/flags/commandlineflag.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "common/base/error.h"
#include "common/obs/log.h"

namespace smederij::config {
namespace {

constexpr absl::string_view kPrefix = "SMEDERIJ_";
constexpr int kFlagFileDepthMax = 5;  // A flag file that names itself ends here.
constexpr size_t kSecretBytesMax = 64 * 1024;

std::string EnvironmentName(absl::string_view flag) {
  return absl::StrCat(kPrefix, absl::AsciiStrToUpper(flag));
}

std::string Dashed(absl::string_view flag) { return absl::StrCat("--", flag); }

// The flags in name order. Absl keeps them in a hash map.
std::vector<absl::CommandLineFlag*> AllFlags() {
  std::vector<absl::CommandLineFlag*> flags;
  for (const auto& [name, flag] : absl::GetAllFlags()) flags.push_back(flag);
  const auto by_name = [](const auto* a, const auto* b) { return a->Name() < b->Name(); };
  std::sort(flags.begin(), flags.end(), by_name);
  return flags;
}

bool IsAddress(absl::string_view text) {
  if (absl::ConsumePrefix(&text, "unix:")) return !text.empty();
  const size_t colon = text.rfind(':');
  if (colon == absl::string_view::npos || colon == 0) return false;
  uint32_t port = 0;
  return absl::SimpleAtoi(text.substr(colon + 1), &port) && port <= 65535;
}

}  // namespace

Source::Source(int argc, const char* const* argv, const char* const* environment,
               std::vector<std::string> commands)
    : program_(argc > 0 ? argv[0] : "smederij"), commands_(std::move(commands)) {
  // The command line comes last: what it sets wins.
  ReadEnvironment(environment);
  ReadArguments(std::vector<std::string>(argv + std::min(argc, 1), argv + argc), 0);
  TakeCommand(std::exchange(arguments_, {}));
}

void Source::ReadEnvironment(const char* const* environment) {
  if (environment == nullptr) return;
  std::vector<std::pair<std::string, std::string>> ours;
  for (; *environment != nullptr; ++environment) {
    absl::string_view entry = *environment;
    const size_t equals = entry.find('=');
    if (equals == absl::string_view::npos || !absl::StartsWith(entry, kPrefix)) continue;
    ours.emplace_back(std::string(entry.substr(0, equals)), std::string(entry.substr(equals + 1)));
  }
  const std::vector<absl::CommandLineFlag*> flags = AllFlags();
  for (const auto& [name, value] : ours) {
    const std::string& wanted = name;
    const auto names_it = [&](const auto* flag) { return EnvironmentName(flag->Name()) == wanted; };
    const auto flag = std::find_if(flags.begin(), flags.end(), names_it);
    if (flag == flags.end()) {
      warnings_.push_back(absl::StrCat(name, " matches no flag"));
    } else if (std::string wrong; !(*flag)->ParseFrom(value, &wrong)) {
      Mistake(name, "is not a value of this flag");
    }
  }
}

void Source::ReadArguments(const std::vector<std::string>& arguments, int depth) {
  for (size_t i = 0; i < arguments.size(); ++i) {
    const absl::string_view text = arguments[i];
    if (text == "--") {  // What follows is positional.
      std::copy(arguments.begin() + static_cast<std::ptrdiff_t>(i) + 1, arguments.end(),
                std::back_inserter(arguments_));
      return;
    }
    if (!absl::StartsWith(text, "--")) {
      arguments_.emplace_back(text);
      continue;
    }
    const std::string* next = i + 1 < arguments.size() ? &arguments[i + 1] : nullptr;
    if (ReadFlag(text.substr(2), next, depth)) ++i;
  }
}

bool Source::ReadFlag(absl::string_view text, const std::string* next, int depth) {
  const size_t equals = text.find('=');
  const std::string name(text.substr(0, equals));
  const bool has_value = equals != absl::string_view::npos;
  if (name == "help") {
    wants_help_ = true;
    return false;
  }
  absl::CommandLineFlag* flag = absl::FindCommandLineFlag(name);
  const bool is_switch = flag != nullptr && flag->IsOfType<bool>();
  if (flag == nullptr && name != "flagfile") {
    absl::string_view negated = name;
    flag = absl::ConsumePrefix(&negated, "no") ? absl::FindCommandLineFlag(negated) : nullptr;
    std::string ignored;
    if (has_value || flag == nullptr || !flag->IsOfType<bool>()) {
      Mistake(Dashed(name), "is not a flag of this program");
    } else {
      flag->ParseFrom("false", &ignored);
    }
    return false;
  }
  if (!has_value && !is_switch && next == nullptr) {
    Mistake(Dashed(name), "needs a value");
    return false;
  }
  const bool takes_next = !has_value && !is_switch;
  const std::string value =
      has_value ? std::string(text.substr(equals + 1)) : (is_switch ? "true" : *next);
  std::string wrong;
  if (flag == nullptr) {
    ReadFlagFile(value, depth + 1);
  } else if (!flag->ParseFrom(value, &wrong)) {
    Mistake(Dashed(name), "is not a value of this flag");
  }
  return takes_next;
}

void Source::ReadFlagFile(const std::string& path, int depth) {
  if (depth > kFlagFileDepthMax) {
    Mistake("--flagfile", absl::StrCat(path, " is nested too deep"));
    return;
  }
  std::ifstream file(path);
  if (!file) {
    Mistake("--flagfile", absl::StrCat(path, " cannot be read"));
    return;
  }
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);) {
    const absl::string_view text = absl::StripAsciiWhitespace(line);
    if (text.empty() || text.front() == '#') continue;
    if (absl::StartsWith(text, "--")) {
      lines.emplace_back(text);
    } else {
      Mistake("--flagfile", absl::StrCat(path, " has a line that is not --flag=value"));
    }
  }
  // Line by line, so that no flag takes the next line for its value.
  for (const std::string& line : lines) ReadFlag(absl::string_view(line).substr(2), nullptr, depth);
}

void Source::TakeCommand(std::vector<std::string> positional) {
  if (positional.empty()) {
    command_ = commands_.empty() ? "" : commands_.front();
    return;
  }
  command_ = positional.front();
  arguments_.assign(positional.begin() + 1, positional.end());
  if (std::find(commands_.begin(), commands_.end(), command_) == commands_.end()) {
    Mistake(command_, absl::StrCat("is not a command; there are ", absl::StrJoin(commands_, ", ")));
  }
}

std::string Source::Usage() const {
  std::string text = absl::StrCat(
      "usage: ", program_, " [", absl::StrJoin(commands_, "|"), "] [--flag=value ...]\n",
      "A flag may also come from SMEDERIJ_<FLAG> or a file named by --flagfile.\n\n");
  for (const absl::CommandLineFlag* flag : AllFlags()) {
    absl::StrAppend(&text, "  --", flag->Name(), "=", flag->DefaultValue(), "\n      ",
                    flag->Help(), "\n");
  }
  return text;
}

std::string Source::Required(const absl::Flag<std::string>& flag) {
  std::string value = absl::GetFlag(flag);
  if (value.empty()) Mistake(Dashed(absl::GetFlagReflectionHandle(flag).Name()), "is required");
  return value;
}

Secret Source::SecretFile(const absl::Flag<std::string>& flag, size_t bytes_min) {
  if (Required(flag).empty()) return Secret();
  return OptionalSecretFile(flag, bytes_min);
}

Secret Source::OptionalSecretFile(const absl::Flag<std::string>& flag, size_t bytes_min) {
  const std::string path = absl::GetFlag(flag);
  if (path.empty()) return Secret();
  const std::string name = Dashed(absl::GetFlagReflectionHandle(flag).Name());
  struct stat about {};
  std::ifstream file(path, std::ios::binary);
  if (!file || stat(path.c_str(), &about) != 0 || !S_ISREG(about.st_mode)) {
    Mistake(name, absl::StrCat(path, " cannot be read"));
    return Secret();
  }
  if ((about.st_mode & (S_IROTH | S_IWOTH)) != 0) {
    Mistake(name, absl::StrCat(path, " is open to everybody; chmod o-rwx"));
    return Secret();
  }
  std::string bytes{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  // Text secrets end in a newline when an editor wrote them; raw keys have a fixed length.
  if (bytes.size() > bytes_min && bytes.back() == '\n') bytes.pop_back();
  Secret secret(std::move(bytes));
  if (secret.Reveal().size() < bytes_min || secret.Reveal().size() > kSecretBytesMax) {
    Mistake(name, absl::StrCat(path, " must hold ", bytes_min, " to ", kSecretBytesMax, " bytes"));
    return Secret();
  }
  return secret;
}

void Source::CheckAddress(const absl::Flag<std::string>& flag) {
  const std::string value = absl::GetFlag(flag);
  if (value.empty() || IsAddress(value)) return;
  Mistake(Dashed(absl::GetFlagReflectionHandle(flag).Name()), "must be host:port or unix:/path");
}

void Source::Mistake(absl::string_view flag, absl::string_view wrong) {
  std::string& told = mistakes_[std::string(flag)];
  if (absl::StrContains(told, wrong)) return;
  absl::StrAppend(&told, told.empty() ? "" : "; ", wrong);
}

absl::Status Source::status() const {
  if (mistakes_.empty()) return absl::OkStatus();
  Error error(kInvalidArgument, "BAD_CONFIGURATION", "the configuration has mistakes");
  for (const auto& [flag, wrong] : mistakes_) error = std::move(error).At(flag, wrong);
  return error;
}

int Refuse(const absl::Status& status) {
  const std::vector<Fact> fields = FieldsOf(status);
  for (const auto& [flag, wrong] : fields) {
    obs::Log(obs::Level::kError, "bad_configuration", {{"flag", flag}, {"wrong", wrong}});
  }
  if (fields.empty()) obs::Log(obs::Level::kError, "not_started", obs::StatusFields(status));
  return 2;
}

}  // namespace smederij::config
