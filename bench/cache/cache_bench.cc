// cache_bench: loads one RESP or memcached server with GET or SET and prints what it reached as one line of JSON. One
// thread, one epoll, the same code for every server; every value that comes back is compared with what its key must
// hold.
// usage: cache_bench --port P --protocol resp|memcached --op get|set [--auth USER:PASSWORD] [--keys N] [--size BYTES]
//        [--connections N] [--pipeline N] [--seconds S] [--operations N] [--rate PER_SECOND] [--random 0|1]
//        [--first KEY] [--prefix TEXT]
// `set` with --operations N writes keys --first.. in order once; without, it writes random keys for S seconds.
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;

[[noreturn]] void give_up(const std::string& why) {
  std::fprintf(stderr, "cache_bench: %s\n", why.c_str());
  std::exit(1);
}

struct Settings {
  int port = 0;
  std::string protocol = "resp", operation = "get", auth, prefix = "key";
  uint64_t keys = 10000, size = 1024, first = 0, operations = 0;
  unsigned connections = 16, pipeline = 1;
  double seconds = 3, rate = 0;
};

Settings parse(int count, char** words) {
  Settings settings;
  for (int i = 1; i < count; i += 2) {
    const std::string name = words[i];
    if (name.rfind("--", 0) != 0 || i + 1 == count) give_up("what is " + name + "?");
    const std::string value = words[i + 1];
    const auto number = [&] { return std::strtoull(value.c_str(), nullptr, 10); };
    if (name == "--port") settings.port = static_cast<int>(number());
    else if (name == "--protocol") settings.protocol = value;
    else if (name == "--op") settings.operation = value;
    else if (name == "--auth") settings.auth = value;
    else if (name == "--prefix") settings.prefix = value;
    else if (name == "--keys") settings.keys = number();
    else if (name == "--size") settings.size = number();
    else if (name == "--first") settings.first = number();
    else if (name == "--operations") settings.operations = number();
    else if (name == "--connections") settings.connections = static_cast<unsigned>(number());
    else if (name == "--pipeline") settings.pipeline = static_cast<unsigned>(number());
    else if (name == "--seconds") settings.seconds = std::strtod(value.c_str(), nullptr);
    else if (name == "--rate") settings.rate = std::strtod(value.c_str(), nullptr);
    else give_up("what is " + name + "?");
  }
  if (settings.port == 0 || settings.keys == 0 || settings.size < 16) give_up("--port, --keys, --size of at least 16");
  return settings;
}

/// What a key holds: a pattern that all keys share, with the key's number at its begin and its end.
class Values {
 public:
  explicit Values(uint64_t size) : text_(size, '\0') {
    std::mt19937_64 random(1);
    for (char& byte : text_) byte = static_cast<char>(random());
  }
  std::string_view of(uint64_t key) {
    std::memcpy(text_.data(), &key, sizeof(key));
    std::memcpy(text_.data() + text_.size() - sizeof(key), &key, sizeof(key));
    return text_;
  }
  bool right(uint64_t key, std::string_view value) { return value == of(key); }

 private:
  std::string text_;
};

struct Totals {
  uint64_t operations = 0, hits = 0, misses = 0, errors = 0, wrong = 0, bytes = 0;
  std::vector<uint32_t> latencies_us;
  std::string first_error;
};

/// Both protocols as this load needs them: a request's text, and how long an answer at the front of the input is.
class Protocol {
 public:
  enum class Kind { kPart, kHit, kMiss, kOk, kError };
  struct Answer {
    Kind kind = Kind::kPart;
    size_t size = 0;  // of the whole answer
    std::string_view value;
  };
  virtual ~Protocol() = default;
  virtual void get(std::string& out, const std::string& key) = 0;
  virtual void set(std::string& out, const std::string& key, std::string_view value) = 0;
  virtual Answer answer(std::string_view in, bool get) = 0;
};

class Resp final : public Protocol {
 public:
  void get(std::string& out, const std::string& key) override {
    out += "*2\r\n$3\r\nGET\r\n$" + std::to_string(key.size()) + "\r\n" + key + "\r\n";
  }
  void set(std::string& out, const std::string& key, std::string_view value) override {
    out += "*3\r\n$3\r\nSET\r\n$" + std::to_string(key.size()) + "\r\n" + key + "\r\n$" + std::to_string(value.size()) +
           "\r\n";
    out += value;
    out += "\r\n";
  }
  Answer answer(std::string_view in, bool) override {
    const size_t line = in.find("\r\n");
    if (line == std::string_view::npos) return {};
    if (in[0] == '+') return {Kind::kOk, line + 2, {}};
    if (in[0] == '-') return {Kind::kError, line + 2, in.substr(0, line)};
    if (in[0] != '$') give_up("an answer that is none: " + std::string(in.substr(0, line)));
    const long size = std::strtol(in.data() + 1, nullptr, 10);
    if (size < 0) return {Kind::kMiss, line + 2, {}};
    const size_t whole = line + 2 + static_cast<size_t>(size) + 2;
    if (in.size() < whole) return {};
    return {Kind::kHit, whole, in.substr(line + 2, static_cast<size_t>(size))};
  }
};

class Memcached final : public Protocol {
 public:
  void get(std::string& out, const std::string& key) override { out += "get " + key + "\r\n"; }
  void set(std::string& out, const std::string& key, std::string_view value) override {
    out += "set " + key + " 0 0 " + std::to_string(value.size()) + "\r\n";
    out += value;
    out += "\r\n";
  }
  Answer answer(std::string_view in, bool) override {
    const size_t line = in.find("\r\n");
    if (line == std::string_view::npos) return {};
    const std::string_view head = in.substr(0, line);
    if (head == "STORED") return {Kind::kOk, line + 2, {}};
    if (head == "END") return {Kind::kMiss, line + 2, {}};
    if (head.rfind("VALUE ", 0) != 0) return {Kind::kError, line + 2, head};
    const size_t size = std::strtoull(head.data() + head.rfind(' '), nullptr, 10);
    const size_t whole = line + 2 + size + 2 + 5;  // value, CRLF, END CRLF
    if (in.size() < whole) return {};
    return {Kind::kHit, whole, in.substr(line + 2, size)};
  }
};

struct Connection {
  int fd = -1;
  std::string out;
  size_t sent = 0;
  std::vector<char> in = std::vector<char>(64 << 10);
  size_t begin = 0, end = 0;
  struct Pending {
    uint64_t key;
    Clock::time_point since;
  };
  std::deque<Pending> pending;
  bool wants_write = false;
};

class Load {
 public:
  explicit Load(const Settings& settings) : settings_(settings), values_(settings.size) {
    if (settings_.protocol == "resp") protocol_ = std::make_unique<Resp>();
    else if (settings_.protocol == "memcached") protocol_ = std::make_unique<Memcached>();
    else give_up("--protocol resp or memcached");
    get_ = settings_.operation == "get";
    if (!get_ && settings_.operation != "set") give_up("--op get or set");
  }

  Totals run() {
    epoll_ = epoll_create1(0);
    for (unsigned i = 0; i < settings_.connections; ++i) connect_one();
    start_ = Clock::now();
    end_ = start_ + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(settings_.seconds));
    next_due_ = start_;
    for (auto& connection : connections_) fill(*connection);
    while (waiting_ > 0 || !done()) {
      turn();
      if (settings_.rate > 0 || waiting_ == 0) {
        for (auto& connection : connections_) fill(*connection);
      }
    }
    seconds_ = std::chrono::duration<double>(Clock::now() - start_).count();
    return std::move(totals_);
  }
  double seconds() const { return seconds_; }

 private:
  void connect_one() {
    auto connection = std::make_unique<Connection>();
    connection->fd = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<uint16_t>(settings_.port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (connect(connection->fd, reinterpret_cast<sockaddr*>(&address), sizeof(address)) != 0) give_up("no connection");
    const int one = 1;
    setsockopt(connection->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
    if (!settings_.auth.empty()) authenticate(connection->fd);
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.ptr = connection.get();
    epoll_ctl(epoll_, EPOLL_CTL_ADD, connection->fd, &event);
    connections_.push_back(std::move(connection));
  }

  void authenticate(int fd) {
    const size_t colon = settings_.auth.find(':');
    const std::string user = settings_.auth.substr(0, colon), password = settings_.auth.substr(colon + 1);
    const std::string text = "*3\r\n$4\r\nAUTH\r\n$" + std::to_string(user.size()) + "\r\n" + user + "\r\n$" +
                             std::to_string(password.size()) + "\r\n" + password + "\r\n";
    char answer[256] = {};
    if (write(fd, text.data(), text.size()) < 0 || read(fd, answer, sizeof(answer) - 1) <= 0 || answer[0] != '+') {
      give_up(std::string("AUTH: ") + answer);
    }
  }

  bool done() const {
    if (settings_.operations > 0) return begun_ >= settings_.operations;
    return Clock::now() >= end_;
  }

  uint64_t next_key() {
    if (settings_.operations > 0 && !get_) return settings_.first + begun_;
    return settings_.first + random_() % settings_.keys;
  }

  void fill(Connection& connection) {
    const size_t most_bytes = std::max<size_t>(settings_.size * 2, 256 << 10);
    while (connection.pending.size() < settings_.pipeline && connection.out.size() < most_bytes && !done()) {
      const auto now = Clock::now();
      if (settings_.rate > 0) {
        if (now < next_due_) break;
        next_due_ += std::chrono::nanoseconds(static_cast<int64_t>(1e9 / settings_.rate));
        if (next_due_ < now - std::chrono::seconds(1)) next_due_ = now;
      }
      const uint64_t key = next_key();
      const std::string name = settings_.prefix + ":" + std::to_string(key);
      if (get_) protocol_->get(connection.out, name);
      else protocol_->set(connection.out, name, values_.of(key));
      connection.pending.push_back({key, now});
      ++begun_;
      ++waiting_;
    }
    flush(connection);
  }

  void flush(Connection& connection) {
    while (connection.sent < connection.out.size()) {
      const ssize_t n = send(connection.fd, connection.out.data() + connection.sent,
                             connection.out.size() - connection.sent, MSG_NOSIGNAL | MSG_DONTWAIT);
      if (n < 0) {
        if (errno != EAGAIN) give_up(std::string("send: ") + std::strerror(errno));
        break;
      }
      connection.sent += static_cast<size_t>(n);
    }
    const bool more = connection.sent < connection.out.size();
    if (!more) {
      connection.out.clear();
      connection.sent = 0;
    }
    if (more != connection.wants_write) {
      epoll_event event{};
      event.events = more ? EPOLLIN | EPOLLOUT : EPOLLIN;
      event.data.ptr = &connection;
      epoll_ctl(epoll_, EPOLL_CTL_MOD, connection.fd, &event);
      connection.wants_write = more;
    }
  }

  void turn() {
    epoll_event events[64];
    int timeout_ms = 100;
    if (settings_.rate > 0) timeout_ms = Clock::now() >= next_due_ ? 0 : 1;
    const int n = epoll_wait(epoll_, events, 64, timeout_ms);
    for (int i = 0; i < n; ++i) {
      auto& connection = *static_cast<Connection*>(events[i].data.ptr);
      if (events[i].events & EPOLLOUT) flush(connection);
      if (events[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR)) receive(connection);
    }
  }

  void receive(Connection& connection) {
    if (connection.in.size() - connection.end < (32 << 10)) make_room(connection);
    const ssize_t n = recv(connection.fd, connection.in.data() + connection.end, connection.in.size() - connection.end,
                           MSG_DONTWAIT);
    if (n == 0) give_up("the server closed the connection");
    if (n < 0) {
      if (errno == EAGAIN) return;
      give_up(std::string("recv: ") + std::strerror(errno));
    }
    connection.end += static_cast<size_t>(n);
    const auto now = Clock::now();
    while (connection.end > connection.begin && take_answer(connection, now)) {
    }
    if (connection.begin == connection.end) connection.begin = connection.end = 0;
    if (settings_.rate == 0) fill(connection);
  }

  void make_room(Connection& connection) {
    const size_t size = connection.end - connection.begin;
    std::memmove(connection.in.data(), connection.in.data() + connection.begin, size);
    connection.begin = 0;
    connection.end = size;
    if (connection.in.size() - size < settings_.size + 256) connection.in.resize(connection.in.size() * 2);
  }

  bool take_answer(Connection& connection, Clock::time_point now) {
    const std::string_view in(connection.in.data() + connection.begin, connection.end - connection.begin);
    const Protocol::Answer answer = protocol_->answer(in, get_);
    if (answer.kind == Protocol::Kind::kPart) return false;
    if (connection.pending.empty()) give_up("an answer that nobody asked for");
    const auto pending = connection.pending.front();
    connection.pending.pop_front();
    --waiting_;
    ++totals_.operations;
    switch (answer.kind) {
      case Protocol::Kind::kHit:
        ++totals_.hits;
        totals_.bytes += answer.value.size();
        if (!values_.right(pending.key, answer.value)) ++totals_.wrong;
        break;
      case Protocol::Kind::kMiss: ++totals_.misses; break;
      case Protocol::Kind::kOk: totals_.bytes += settings_.size; break;
      case Protocol::Kind::kError:
        ++totals_.errors;
        if (totals_.first_error.empty()) totals_.first_error = answer.value;
        break;
      case Protocol::Kind::kPart: break;
    }
    totals_.latencies_us.push_back(static_cast<uint32_t>(
        std::chrono::duration_cast<std::chrono::microseconds>(now - pending.since).count()));
    connection.begin += answer.size;
    return true;
  }

  const Settings& settings_;
  Values values_;
  std::unique_ptr<Protocol> protocol_;
  bool get_ = true;
  int epoll_ = -1;
  std::vector<std::unique_ptr<Connection>> connections_;
  std::mt19937_64 random_{42};
  Clock::time_point start_, end_, next_due_;
  uint64_t begun_ = 0, waiting_ = 0;
  double seconds_ = 0;
  Totals totals_;
};

uint32_t percentile(std::vector<uint32_t>& sorted, double part) {
  if (sorted.empty()) return 0;
  return sorted[std::min(sorted.size() - 1, static_cast<size_t>(part * static_cast<double>(sorted.size())))];
}

}  // namespace

int main(int count, char** words) {
  const Settings settings = parse(count, words);
  Load load(settings);
  Totals totals = load.run();
  std::sort(totals.latencies_us.begin(), totals.latencies_us.end());
  for (char& byte : totals.first_error) {
    if (byte == '"' || byte == '\\' || byte < ' ') byte = ' ';
  }
  std::printf(
      "{\"seconds\": %.3f, \"operations\": %llu, \"per_second\": %.1f, \"bytes_per_second\": %.0f, \"hits\": %llu, "
      "\"misses\": %llu, \"errors\": %llu, \"wrong\": %llu, \"p50_us\": %u, \"p99_us\": %u, \"first_error\": \"%s\"}\n",
      load.seconds(), static_cast<unsigned long long>(totals.operations),
      static_cast<double>(totals.operations) / load.seconds(), static_cast<double>(totals.bytes) / load.seconds(),
      static_cast<unsigned long long>(totals.hits), static_cast<unsigned long long>(totals.misses),
      static_cast<unsigned long long>(totals.errors), static_cast<unsigned long long>(totals.wrong),
      percentile(totals.latencies_us, 0.5), percentile(totals.latencies_us, 0.99), totals.first_error.c_str());
  return totals.wrong == 0 ? 0 : 2;
}
