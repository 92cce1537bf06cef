#include "common/testing/pg_database.h"

#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/pg/transact.h"
#include "common/testing/last_will.h"

namespace smederij::testing {
namespace {

constexpr absl::string_view kSuperuser = "postgres";
constexpr absl::Duration kPatience = absl::Seconds(60);

[[noreturn]] void Die(absl::string_view what) {
  std::fprintf(stderr, "test cluster: %s\n", std::string(what).c_str());
  std::abort();
}

void Must(const absl::Status& status, absl::string_view doing) {
  if (!status.ok()) Die(absl::StrCat(doing, ": ", status.ToString()));
}

// Of the newest server installed, or of SMEDERIJ_PG_BIN.
std::string Program(absl::string_view name) {
  if (const char* bin = std::getenv("SMEDERIJ_PG_BIN")) return absl::StrCat(bin, "/", name);
  std::string best;
  std::error_code ignored;
  for (const auto& version : std::filesystem::directory_iterator("/usr/lib/postgresql", ignored)) {
    const std::string path = absl::StrCat(version.path().string(), "/bin/", name);
    if (access(path.c_str(), X_OK) == 0 && path > best) best = path;
  }
  if (best.empty()) Die(absl::StrCat("no PostgreSQL server program ", name));
  return best;
}

enum class As { kServer, kUs };

// Starts a program with output to a file; as kServer it is the user postgres when we are root,
// since the server refuses root. It does not outlive this process.
pid_t Spawn(As as, std::vector<std::string> words, const std::string& log) {
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  const bool change = getuid() == 0 && as == As::kServer;
  const passwd* user = change ? getpwnam("postgres") : nullptr;
  if (change && user == nullptr) Die("there is no user postgres");
  const pid_t group = GroupToEnd();
  const pid_t child = fork();
  if (child < 0) Die("fork");
  if (child > 0) return child;
  // Between fork and exec only what is safe in a process that had threads.
  if (setpgid(0, group) != 0) _exit(126);
  if (user != nullptr &&
      (setgroups(0, nullptr) != 0 || setgid(user->pw_gid) != 0 || setuid(user->pw_uid) != 0)) {
    _exit(126);
  }
  const int fd = open(log.c_str(), O_WRONLY | O_APPEND);
  if (fd >= 0) {
    dup2(fd, 1);
    dup2(fd, 2);
  }
  execv(argv[0], argv.data());
  _exit(127);
}

void RunToEnd(As as, std::vector<std::string> words, const std::string& log) {
  const std::string program = words[0];
  const pid_t child = Spawn(as, std::move(words), log);
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (status == 0) return;
  std::ifstream file(log);
  Die(absl::StrCat(program, " failed:\n", std::string(std::istreambuf_iterator<char>(file), {})));
}

void Execute(const std::string& conninfo, const std::string& sql) {
  // Outside a transaction: CREATE DATABASE and DROP DATABASE want that.
  const pg::Observer silent;
  auto connection = pg::Connection::Open(conninfo, kPatience, absl::Now() + kPatience, silent);
  Must(connection.status(), "connect");
  Must((*connection)->Script(sql), sql);
}

std::string LogOf(const std::string& directory) { return absl::StrCat(directory, "/log"); }

}  // namespace

PgCluster& PgCluster::Shared() {
  // Stopped by the destructor at exit; by the last will if the process does not get that far.
  static PgCluster cluster;
  return cluster;
}

PgCluster::PgCluster() {
  const char* tmp = std::getenv("TMPDIR");
  directory_ = absl::StrCat(tmp == nullptr ? "/tmp" : tmp, "/smederij-pg-XXXXXX");
  if (mkdtemp(directory_.data()) == nullptr) Die("mkdtemp");
  RemoveAfterwards(directory_);
  const int log = open(LogOf(directory_).c_str(), O_CREAT | O_WRONLY, 0600);
  if (log < 0) Die("log file");
  if (const passwd* user = getpwnam("postgres"); getuid() == 0 && user != nullptr) {
    if (chown(directory_.c_str(), user->pw_uid, user->pw_gid) != 0 ||
        fchown(log, user->pw_uid, user->pw_gid) != 0) {
      Die("chown");
    }
  }
  close(log);
  RunToEnd(As::kServer,
           {Program("initdb"), "--pgdata", directory_ + "/data", "--auth=trust", "--no-sync",
            "--encoding=UTF8", "--locale=C", absl::StrCat("--username=", kSuperuser)},
           LogOf(directory_));
  Start();
}

PgCluster::~PgCluster() {
  StopAtOnce();
  std::error_code ignored;
  std::filesystem::remove_all(directory_, ignored);
}

std::string PgCluster::Conninfo(absl::string_view role, absl::string_view database) const {
  return absl::StrCat("host=", directory_, " user=", role, " dbname=", database);
}

void PgCluster::Start() {
  std::vector<std::string> words = {Program("postgres"), "-D", directory_ + "/data"};
  const std::string durable = std::getenv("SMEDERIJ_DURABLE") != nullptr ? "on" : "off";
  for (const std::string& setting :
       {std::string("listen_addresses="), "unix_socket_directories=" + directory_,
        "fsync=" + durable, "full_page_writes=" + durable, std::string("max_connections=200"),
        std::string("shared_buffers=64MB"),
        // Somewhere with summer time, so that no test passes thanks to UTC.
        std::string("timezone=Europe/Amsterdam")}) {
    words.push_back("-c");
    words.push_back(setting);
  }
  server_ = Spawn(As::kServer, std::move(words), LogOf(directory_));
  const pg::Observer silent;
  for (const absl::Time end = absl::Now() + kPatience; absl::Now() < end;) {
    const auto connection = pg::Connection::Open(Conninfo(kSuperuser, "postgres"), kPatience,
                                                 absl::Now() + kPatience, silent);
    if (connection.ok()) return;
    if (waitpid(server_, nullptr, WNOHANG) != 0) break;
    absl::SleepFor(absl::Milliseconds(20));
  }
  Die(absl::StrCat("the server did not start, see ", LogOf(directory_)));
}

namespace {

std::string BackupOf(const std::string& directory) { return directory + "/backup"; }
std::string ArchiveOf(const std::string& directory) { return directory + "/archive"; }

}  // namespace

void PgCluster::BeginArchive() {
  RunToEnd(As::kServer, {"/bin/mkdir", ArchiveOf(directory_)}, LogOf(directory_));
  const std::string superuser = Conninfo(kSuperuser, "postgres");
  Execute(superuser, "ALTER SYSTEM SET archive_mode = on");
  Execute(superuser, absl::StrCat("ALTER SYSTEM SET archive_command = 'cp %p ",
                                  ArchiveOf(directory_), "/%f'"));
  Stop();
  Start();
  RunToEnd(
      As::kServer,
      {Program("pg_basebackup"), "--host=" + directory_, absl::StrCat("--username=", kSuperuser),
       "--pgdata=" + BackupOf(directory_), "--checkpoint=fast", "--no-sync"},
      LogOf(directory_));
}

void PgCluster::Mark(const std::string& name) {
  const std::string superuser = Conninfo(kSuperuser, "postgres");
  Execute(superuser, absl::StrCat("SELECT pg_create_restore_point('", name, "')"));
  marked_ = true;
}

std::unique_ptr<PgCluster> PgCluster::RestoredTo(const std::string& mark) {
  static std::atomic<int> made = 0;
  // Whatever was written last is archived by a clean stop.
  if (mark.empty() || marked_) {
    Stop();
    Start();
    marked_ = false;
  }
  const std::string into = absl::StrCat(directory_, "/restored-", ++made);
  RunToEnd(As::kServer, {"/bin/mkdir", into}, LogOf(directory_));
  RunToEnd(As::kServer, {"/bin/cp", "--archive", BackupOf(directory_), into + "/data"},
           LogOf(directory_));
  RunToEnd(As::kServer, {"/usr/bin/touch", into + "/data/recovery.signal", LogOf(into)},
           LogOf(directory_));
  std::ofstream settings(into + "/data/postgresql.auto.conf", std::ios::app);
  settings << "archive_mode = off\nrestore_command = 'cp " << ArchiveOf(directory_)
           << "/%f %p'\nrecovery_target_action = promote\n";
  if (!mark.empty()) settings << "recovery_target_name = '" << mark << "'\n";
  settings.close();
  std::unique_ptr<PgCluster> restored(new PgCluster(into));
  const pg::Observer silent;
  pg::Pool pool({.conninfo = restored->Conninfo(kSuperuser, "postgres"), .size = 1});
  static const pg::Statement<bool()> kRecovering{"recovering", "SELECT pg_is_in_recovery()"};
  for (const absl::Time end = absl::Now() + kPatience; absl::Now() < end;) {
    const auto ask = [](pg::Tx& tx) { return tx.One(kRecovering); };
    const auto recovering = pg::Transact(pool, {.deadline = end}, ask);
    if (recovering.ok() && !*recovering) return restored;
    absl::SleepFor(absl::Milliseconds(20));
  }
  Die("the restored cluster does not come out of recovery");
}

PgCluster::PgCluster(std::string directory) : directory_(std::move(directory)) { Start(); }

void PgCluster::Stop(int signal) {
  if (server_ == 0) return;
  kill(server_, signal);
  while (waitpid(server_, nullptr, 0) < 0 && errno == EINTR) {
  }
  server_ = 0;
}

void PgCluster::Stop() { Stop(SIGINT); }
void PgCluster::StopAtOnce() { Stop(SIGQUIT); }

std::string PgCluster::TemplateOf(const pg::Migrations& migrations) {
  std::string contents(migrations.service);
  for (const pg::Migration& step : migrations.steps) absl::StrAppend(&contents, "\n", step.sql);
  std::string& name = templates_[contents];
  if (!name.empty()) return name;
  name = absl::StrCat("template_", migrations.service, "_", templates_.size());
  RunToEnd(As::kUs,
           {Program("psql"), "--no-psqlrc", "--quiet", "--host=" + directory_,
            absl::StrCat("--username=", kSuperuser), "--dbname=postgres",
            absl::StrCat("--set=service=", migrations.service), "--set=database=" + name,
            absl::StrCat("--file=", SMEDERIJ_SOURCE_DIR, "/deploy/postgresql/provision.sql")},
           LogOf(directory_));
  pg::Pool owner({.conninfo = Conninfo(absl::StrCat(migrations.service, "_owner"), name)});
  Must(pg::Migrate(owner, migrations, absl::Now() + kPatience).status(), "migrate");
  return name;
}

PgDatabase::PgDatabase(const pg::Migrations& migrations, PgCluster& cluster)
    : cluster_(cluster), service_(migrations.service), name_([&] {
        static std::atomic<int> made = 0;
        return absl::StrCat("test_", migrations.service, "_", ++made);
      }()) {
  const std::string from = cluster.TemplateOf(migrations);
  Execute(
      cluster.Conninfo(kSuperuser, "postgres"),
      absl::StrCat("CREATE DATABASE ", name_, " TEMPLATE ", from, " OWNER ", service_, "_owner"));
}

PgDatabase::~PgDatabase() {
  Execute(cluster_.Conninfo(kSuperuser, "postgres"),
          absl::StrCat("DROP DATABASE ", name_, " WITH (FORCE)"));
}

std::string PgDatabase::owner() const { return cluster_.Conninfo(service_ + "_owner", name_); }
std::string PgDatabase::app() const { return cluster_.Conninfo(service_ + "_app", name_); }
std::string PgDatabase::read() const { return cluster_.Conninfo(service_ + "_read", name_); }
std::string PgDatabase::superuser() const { return cluster_.Conninfo(kSuperuser, name_); }

absl::Status PgDatabase::Sql(const std::string& sql) const {
  const pg::Observer silent;
  ASSIGN_OR_RETURN(const auto connection,
                   pg::Connection::Open(superuser(), kPatience, absl::Now() + kPatience, silent));
  return connection->Script(sql);
}

}  // namespace smederij::testing
