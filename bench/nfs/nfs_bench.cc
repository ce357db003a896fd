// nfs_bench: loads one NFSv3 server with one workload and prints what it reached as one line of JSON. One thread, calls
// kept outstanding asynchronously on raw libnfs RPC, so that exactly the calls that are named are made.
// usage: nfs_bench --port P --mount-port M --export /PATH --workload write|read|random-read|files [--name FILE]
//        [--size BYTES] [--block BYTES] [--depth N] [--connections N] [--seconds S] [--files N] [--file-bytes BYTES]
#include <malloc.h>
#include <poll.h>

#include <nfsc/libnfs.h>  // first: the others need what it defines

#include <nfsc/libnfs-zdr.h>

#include <nfsc/libnfs-raw.h>

#include <nfsc/libnfs-raw-mount.h>
#include <nfsc/libnfs-raw-nfs.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;

[[noreturn]] void give_up(const std::string& why) {
  std::fprintf(stderr, "nfs_bench: %s\n", why.c_str());
  std::exit(1);
}

struct Settings {
  int port = 0, mount_port = 0;
  std::string export_path, workload, name = "bench.data";
  uint64_t size_bytes = 512ull << 20, block_bytes = 1 << 20, file_bytes = 0;
  unsigned depth = 8, connections = 1, files = 5000;
  double seconds = 5;
};

Settings parse(int count, char** words) {
  std::map<std::string, std::string> given;
  for (int i = 1; i < count; i += 2) {
    if (std::strncmp(words[i], "--", 2) != 0 || i + 1 == count) give_up(std::string("what is ") + words[i] + "?");
    given[words[i] + 2] = words[i + 1];
  }
  const auto text = [&](const char* key, std::string otherwise) {
    const auto found = given.find(key);
    if (found == given.end()) return otherwise;
    std::string value = found->second;
    given.erase(found);
    return value;
  };
  const auto number = [&](const char* key, uint64_t otherwise) {
    return std::strtoull(text(key, std::to_string(otherwise)).c_str(), nullptr, 10);
  };
  Settings settings;
  settings.port = static_cast<int>(number("port", 2049));
  settings.mount_port = static_cast<int>(number("mount-port", static_cast<uint64_t>(settings.port)));
  settings.export_path = text("export", "/");
  settings.workload = text("workload", "");
  settings.name = text("name", settings.name);
  settings.size_bytes = number("size", settings.size_bytes);
  settings.block_bytes = number("block", settings.block_bytes);
  settings.file_bytes = number("file-bytes", settings.file_bytes);
  settings.depth = static_cast<unsigned>(number("depth", settings.depth));
  settings.connections = static_cast<unsigned>(number("connections", settings.connections));
  settings.files = static_cast<unsigned>(number("files", settings.files));
  settings.seconds = std::strtod(text("seconds", "5").c_str(), nullptr);
  if (!given.empty()) give_up("there is no --" + given.begin()->first);
  return settings;
}

/// A handle that owns its bytes.
struct Handle {
  std::string bytes;
  nfs_fh3 view() {
    nfs_fh3 handle;
    handle.data.data_len = static_cast<u_int>(bytes.size());
    handle.data.data_val = bytes.data();
    return handle;
  }
};

/// What is done with an answer: the status of the call and its result, as its procedure defines it.
using Answer = std::function<void(void* result)>;

/// Connections to one server, and calls outstanding on them.
class Client {
 public:
  explicit Client(const Settings& settings) {
    mount(settings);
    for (unsigned i = 0; i < settings.connections; ++i) connect(settings.port, NFS_PROGRAM, NFS_V3);
  }
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;
  ~Client() {
    for (rpc_context* connection : connections_) rpc_destroy_context(connection);
  }

  Handle root() const { return root_; }
  rpc_context* connection(unsigned number) { return connections_[number % connections_.size()]; }

  /// Sends what `send` sends; `answer` runs from serve(). A call that fails on the way ends the program.
  void call(const std::function<int(rpc_cb, void*)>& send, Answer answer) {
    ++outstanding_;
    auto* waiting = new Waiting{this, std::move(answer)};
    if (send(&Client::answered, waiting) != 0) give_up("a call could not be queued");
  }

  /// Until nothing is outstanding.
  void serve() {
    std::vector<pollfd> waits(connections_.size());
    while (outstanding_ > 0) {
      for (size_t i = 0; i < waits.size(); ++i) {
        waits[i] = {rpc_get_fd(connections_[i]), static_cast<short>(rpc_which_events(connections_[i])), 0};
      }
      if (poll(waits.data(), waits.size(), 20'000) <= 0) give_up("no answer in 20 s");
      for (size_t i = 0; i < waits.size(); ++i) {
        if (waits[i].revents != 0 && rpc_service(connections_[i], waits[i].revents) < 0) {
          give_up(std::string("the connection broke: ") + rpc_get_error(connections_[i]));
        }
      }
    }
  }

 private:
  struct Waiting {
    Client* client;
    Answer answer;
  };

  static void answered(rpc_context* connection, int status, void* result, void* private_data) {
    const std::unique_ptr<Waiting> waiting(static_cast<Waiting*>(private_data));
    if (status != RPC_STATUS_SUCCESS) {
      give_up(std::string("a call failed: ") + (status == RPC_STATUS_ERROR && result != nullptr
                                                    ? static_cast<const char*>(result)
                                                    : rpc_get_error(connection)));
    }
    --waiting->client->outstanding_;
    waiting->answer(result);
  }

  void mount(const Settings& settings) {
    connect(settings.mount_port, MOUNT_PROGRAM, MOUNT_V3);
    std::string path = settings.export_path;
    call([&](rpc_cb done, void* data) { return rpc_mount3_mnt_async(connections_[0], done, path.data(), data); },
         [&](void* result) {
           const auto* mounted = static_cast<mountres3*>(result);
           if (mounted->fhs_status != MNT3_OK) give_up("MNT of " + path + " is refused");
           const auto& handle = mounted->mountres3_u.mountinfo.fhandle;
           root_.bytes.assign(handle.fhandle3_val, handle.fhandle3_len);
         });
    serve();
    rpc_destroy_context(connections_[0]);
    connections_.clear();
  }

  void connect(int port, int program, int version) {
    rpc_context* connection = rpc_init_context();
    rpc_set_auth(connection, authunix_create("bench", 0, 0, 0, nullptr));
    connections_.push_back(connection);
    call([&](rpc_cb done, void* data) {
           return rpc_connect_port_async(connection, "127.0.0.1", port, program, version, done, data);
         },
         [](void*) {});
    serve();
  }

  std::vector<rpc_context*> connections_;
  size_t outstanding_ = 0;
  Handle root_;
};

void must(nfsstat3 status, const char* what) {
  if (status != NFS3_OK) give_up(std::string(what) + " gives NFS status " + std::to_string(status));
}

CREATE3args create_arguments(Handle& directory, std::string& name) {
  CREATE3args arguments;
  std::memset(&arguments, 0, sizeof arguments);
  arguments.where.dir = directory.view();
  arguments.where.name = name.data();
  arguments.how.mode = UNCHECKED;
  arguments.how.createhow3_u.obj_attributes.mode.set_it = 1;
  arguments.how.createhow3_u.obj_attributes.mode.set_mode3_u.mode = 0644;
  return arguments;
}

void create(Client& client, unsigned slot, Handle directory, std::string name, std::function<void(Handle)> then) {
  CREATE3args arguments = create_arguments(directory, name);
  client.call([&](rpc_cb done, void* data) {
                return rpc_nfs3_create_async(client.connection(slot), done, &arguments, data);
              },
              [then = std::move(then)](void* result) {
                const auto* made = static_cast<CREATE3res*>(result);
                must(made->status, "CREATE");
                const auto& object = made->CREATE3res_u.resok.obj;
                if (object.handle_follows == 0) give_up("CREATE gives no handle");
                const auto& handle = object.post_op_fh3_u.handle.data;
                then(Handle{std::string(handle.data_val, handle.data_len)});
              });
}

Handle look_up(Client& client, Handle directory, std::string name) {
  LOOKUP3args arguments;
  arguments.what.dir = directory.view();
  arguments.what.name = name.data();
  Handle found;
  client.call([&](rpc_cb done, void* data) {
                return rpc_nfs3_lookup_async(client.connection(0), done, &arguments, data);
              },
              [&](void* result) {
                const auto* answer = static_cast<LOOKUP3res*>(result);
                must(answer->status, "LOOKUP");
                const auto& handle = answer->LOOKUP3res_u.resok.object.data;
                found.bytes.assign(handle.data_val, handle.data_len);
              });
  client.serve();
  return found;
}

/// Gone, if it was there.
void remove(Client& client, unsigned slot, Handle directory, std::string name, bool must_exist,
            std::function<void()> then) {
  REMOVE3args arguments;
  arguments.object.dir = directory.view();
  arguments.object.name = name.data();
  client.call([&](rpc_cb done, void* data) {
                return rpc_nfs3_remove_async(client.connection(slot), done, &arguments, data);
              },
              [must_exist, then = std::move(then)](void* result) {
                const auto* answer = static_cast<REMOVE3res*>(result);
                if (must_exist || answer->status != NFS3ERR_NOENT) must(answer->status, "REMOVE");
                then();
              });
}

void write(Client& client, unsigned slot, Handle file, uint64_t offset, std::string* data, stable_how stable,
           std::function<void()> then) {
  WRITE3args arguments;
  arguments.file = file.view();
  arguments.offset = offset;
  arguments.count = static_cast<count3>(data->size());
  arguments.stable = stable;
  arguments.data.data_len = static_cast<u_int>(data->size());
  arguments.data.data_val = data->data();
  client.call([&](rpc_cb done, void* private_data) {
                return rpc_nfs3_write_async(client.connection(slot), done, &arguments, private_data);
              },
              [size = data->size(), then = std::move(then)](void* result) {
                const auto* answer = static_cast<WRITE3res*>(result);
                must(answer->status, "WRITE");
                if (answer->WRITE3res_u.resok.count != size) give_up("a short WRITE");
                then();
              });
}

void read(Client& client, unsigned slot, Handle file, uint64_t offset, uint64_t size, std::function<void()> then) {
  READ3args arguments;
  arguments.file = file.view();
  arguments.offset = offset;
  arguments.count = static_cast<count3>(size);
  client.call([&](rpc_cb done, void* data) {
                return rpc_nfs3_read_async(client.connection(slot), done, &arguments, data);
              },
              [size, then = std::move(then)](void* result) {
                const auto* answer = static_cast<READ3res*>(result);
                must(answer->status, "READ");
                if (answer->READ3res_u.resok.count != size) give_up("a short READ");
                then();
              });
}

void commit(Client& client, Handle file) {
  COMMIT3args arguments;
  arguments.file = file.view();
  arguments.offset = 0;
  arguments.count = 0;
  client.call([&](rpc_cb done, void* data) {
                return rpc_nfs3_commit_async(client.connection(0), done, &arguments, data);
              },
              [](void* result) { must(static_cast<COMMIT3res*>(result)->status, "COMMIT"); });
  client.serve();
}

double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

/// Keeps `depth` steps under way until next() says there are no more. A step calls its `done` once.
class Pump {
 public:
  using Step = std::function<void(unsigned slot, std::function<void()> done)>;
  /// Steps made and how long each took, in microseconds.
  static std::vector<double> run(Client& client, unsigned depth, const std::function<bool()>& more, const Step& step) {
    std::vector<double> took;
    std::function<void(unsigned)> turn = [&](unsigned slot) {
      if (!more()) return;
      const Clock::time_point start = Clock::now();
      step(slot, [&took, &turn, slot, start] {
        took.push_back(seconds_since(start) * 1e6);
        turn(slot);
      });
    };
    for (unsigned slot = 0; slot < depth; ++slot) turn(slot);
    client.serve();
    return took;
  }
};

void report(const char* name, std::vector<double> took, double seconds, uint64_t bytes_each) {
  std::sort(took.begin(), took.end());
  const auto at = [&](double part) {
    return took.empty() ? 0.0 : took[static_cast<size_t>(part * double(took.size() - 1))];
  };
  std::printf("\"%s\": {\"count\": %zu, \"seconds\": %.6f, \"per_second\": %.1f, \"bytes_per_second\": %.1f, "
              "\"p50_us\": %.1f, \"p99_us\": %.1f}",
              name, took.size(), seconds, double(took.size()) / seconds,
              double(took.size()) * double(bytes_each) / seconds, at(0.5), at(0.99));
}

/// Blocks that do not repeat within the file, so that nothing is gained by noticing that they do.
std::vector<std::string> make_blocks(uint64_t size, unsigned count) {
  std::mt19937_64 random(7);
  std::vector<std::string> blocks(count, std::string(size, '\0'));
  for (std::string& block : blocks) {
    for (size_t i = 0; i + 8 <= size; i += 8) {
      const uint64_t word = random();
      std::memcpy(block.data() + i, &word, 8);
    }
  }
  return blocks;
}

void write_file(Client& client, const Settings& settings) {
  remove(client, 0, client.root(), settings.name, false, [] {});
  client.serve();
  Handle file;
  create(client, 0, client.root(), settings.name, [&](Handle made) { file = std::move(made); });
  client.serve();
  std::vector<std::string> blocks = make_blocks(settings.block_bytes, settings.depth);
  uint64_t next = 0;
  const Clock::time_point start = Clock::now();
  const auto took = Pump::run(
      client, settings.depth, [&] { return next + settings.block_bytes <= settings.size_bytes; },
      [&](unsigned slot, std::function<void()> done) {
        const uint64_t offset = next;
        next += settings.block_bytes;
        std::memcpy(blocks[slot].data(), &offset, sizeof offset);
        write(client, slot, file, offset, &blocks[slot], UNSTABLE, std::move(done));
      });
  commit(client, file);
  report("write", took, seconds_since(start), settings.block_bytes);
}

void read_file(Client& client, const Settings& settings) {
  const Handle file = look_up(client, client.root(), settings.name);
  uint64_t next = 0;
  const Clock::time_point start = Clock::now();
  const auto took = Pump::run(
      client, settings.depth, [&] { return next + settings.block_bytes <= settings.size_bytes; },
      [&](unsigned slot, std::function<void()> done) {
        const uint64_t offset = next;
        next += settings.block_bytes;
        read(client, slot, file, offset, settings.block_bytes, std::move(done));
      });
  report("read", took, seconds_since(start), settings.block_bytes);
}

void read_at_random(Client& client, const Settings& settings) {
  const Handle file = look_up(client, client.root(), settings.name);
  std::mt19937_64 random(11);
  const uint64_t blocks = settings.size_bytes / settings.block_bytes;
  const Clock::time_point start = Clock::now();
  const auto took = Pump::run(
      client, settings.depth, [&] { return seconds_since(start) < settings.seconds; },
      [&](unsigned slot, std::function<void()> done) {
        read(client, slot, file, random() % blocks * settings.block_bytes, settings.block_bytes, std::move(done));
      });
  report("random-read", took, seconds_since(start), settings.block_bytes);
}

/// Creates (and fills) `files` files, asks for the attributes of each, removes them, phase after phase.
void small_files(Client& client, const Settings& settings) {
  std::vector<Handle> handles(settings.files);
  std::string content = make_blocks(std::max<uint64_t>(settings.file_bytes, 8), 1)[0].substr(0, settings.file_bytes);
  const auto name = [](unsigned number) { return "small-" + std::to_string(number); };
  unsigned next = 0;
  const auto more = [&] { return next < settings.files; };
  const Clock::time_point start = Clock::now();
  const auto created = Pump::run(client, settings.depth, more, [&](unsigned slot, std::function<void()> done) {
    const unsigned number = next++;
    create(client, slot, client.root(), name(number), [&, number, slot, done = std::move(done)](Handle made) {
      handles[number] = std::move(made);
      if (settings.file_bytes == 0) return done();
      write(client, slot, handles[number], 0, &content, FILE_SYNC, done);
    });
  });
  const double create_seconds = seconds_since(start);
  next = 0;
  const auto asked = Pump::run(client, settings.depth, more, [&](unsigned slot, std::function<void()> done) {
    GETATTR3args arguments;
    arguments.object = handles[next++].view();
    client.call([&](rpc_cb finished, void* data) {
                  return rpc_nfs3_getattr_async(client.connection(slot), finished, &arguments, data);
                },
                [size = settings.file_bytes, done = std::move(done)](void* result) {
                  const auto* answer = static_cast<GETATTR3res*>(result);
                  must(answer->status, "GETATTR");
                  if (answer->GETATTR3res_u.resok.obj_attributes.size != size) give_up("GETATTR gives another size");
                  done();
                });
  });
  const double stat_seconds = seconds_since(start) - create_seconds;
  next = 0;
  const auto removed = Pump::run(client, settings.depth, more, [&](unsigned slot, std::function<void()> done) {
    remove(client, slot, client.root(), name(next++), true, std::move(done));
  });
  const double seconds = seconds_since(start);
  report("create", created, create_seconds, settings.file_bytes);
  std::printf(", ");
  report("stat", asked, stat_seconds, 0);
  std::printf(", ");
  report("unlink", removed, seconds - create_seconds - stat_seconds, 0);
  std::printf(", ");
  report("files", created, seconds, settings.file_bytes);
}

}  // namespace

int main(int count, char** words) {
  // Blocks of a megabyte come from the heap and stay there: fresh pages are slow to get on virtual machines.
  mallopt(M_MMAP_THRESHOLD, 1 << 30);
  mallopt(M_TRIM_THRESHOLD, 1 << 30);
  const Settings settings = parse(count, words);
  const std::map<std::string_view, void (*)(Client&, const Settings&)> workloads = {
      {"write", write_file}, {"read", read_file}, {"random-read", read_at_random}, {"files", small_files}};
  const auto found = workloads.find(settings.workload);
  if (found == workloads.end()) give_up("--workload write|read|random-read|files");
  Client client(settings);
  std::printf("{");
  found->second(client, settings);
  std::printf("}\n");
  return 0;
}
