/* What libnfs's own programs cannot ask for: `libnfs_client URL names|bytes|many` does it in the mounted directory and
 * exits 0 if all came out as POSIX says. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/time.h>
#include <nfsc/libnfs.h>

enum { MANY = 10000, BLOCK = 70000 };

static struct nfs_context *nfs;

#define CHECK(condition)                                                                              \
  do {                                                                                                \
    if (!(condition)) {                                                                               \
      fprintf(stderr, "line %d: %s failed; last error: %s\n", __LINE__, #condition, nfs_get_error(nfs)); \
      exit(1);                                                                                        \
    }                                                                                                 \
  } while (0)

static void make_file(const char *path, int mode) {
  struct nfsfh *file = NULL;
  CHECK(nfs_creat(nfs, path, mode, &file) == 0);
  CHECK(nfs_close(nfs, file) == 0);
}

static struct nfs_stat_64 stat_of(const char *path) {
  struct nfs_stat_64 found;
  memset(&found, 0, sizeof found);
  CHECK(nfs_lstat64(nfs, path, &found) == 0);
  return found;
}

static int errno_of_stat(const char *path) {
  struct nfs_stat_64 found;
  return nfs_lstat64(nfs, path, &found);
}

static void check_names(void) {
  char target[64];
  struct statvfs space;
  CHECK(nfs_mkdir(nfs, "/d") == 0);
  CHECK(nfs_mkdir(nfs, "/d") == -EEXIST);
  make_file("/d/file", 0640);
  CHECK((stat_of("/d/file").nfs_mode & 07777) == 0640);
  CHECK(nfs_link(nfs, "/d/file", "/d/second") == 0);
  CHECK(stat_of("/d/file").nfs_nlink == 2);
  CHECK(stat_of("/d/file").nfs_ino == stat_of("/d/second").nfs_ino);
  CHECK(nfs_symlink(nfs, "file", "/d/link") == 0);
  CHECK(nfs_readlink(nfs, "/d/link", target, sizeof target) == 0);
  CHECK(strcmp(target, "file") == 0);
  CHECK(S_ISLNK(stat_of("/d/link").nfs_mode));
  CHECK(nfs_chmod(nfs, "/d/file", 0600) == 0);
  CHECK((stat_of("/d/second").nfs_mode & 07777) == 0600);
  struct timeval times[2] = {{1000, 1}, {2000, 2}};
  CHECK(nfs_utimes(nfs, "/d/file", times) == 0);
  CHECK(stat_of("/d/file").nfs_mtime == 2000);
  make_file("/d/other", 0644);
  CHECK(nfs_rename(nfs, "/d/other", "/d/file") == 0);
  CHECK(errno_of_stat("/d/other") == -ENOENT);
  CHECK(stat_of("/d/second").nfs_nlink == 1);
  CHECK(nfs_mknod(nfs, "/d/fifo", S_IFIFO | 0600, 0) == 0);
  CHECK(S_ISFIFO(stat_of("/d/fifo").nfs_mode));
  CHECK(nfs_rmdir(nfs, "/d") == -ENOTEMPTY);
  CHECK(nfs_rename(nfs, "/d", "/e") == 0);
  CHECK(nfs_unlink(nfs, "/e/fifo") == 0);
  CHECK(nfs_unlink(nfs, "/e/link") == 0);
  CHECK(nfs_unlink(nfs, "/e/file") == 0);
  CHECK(nfs_unlink(nfs, "/e/second") == 0);
  CHECK(nfs_unlink(nfs, "/e/second") == -ENOENT);
  CHECK(nfs_rmdir(nfs, "/e") == 0);
  CHECK(nfs_statvfs(nfs, "/", &space) == 0);
  CHECK(space.f_blocks > 0 && space.f_bavail <= space.f_blocks);
}

static void check_many(void) {
  static char seen[MANY];
  char path[64];
  struct nfsdir *directory = NULL;
  struct nfsdirent *entry;
  int found = 0;
  CHECK(nfs_mkdir(nfs, "/many") == 0);
  for (int i = 0; i < MANY; ++i) {
    snprintf(path, sizeof path, "/many/entry-%d", i);
    make_file(path, 0644);
  }
  CHECK(nfs_opendir(nfs, "/many", &directory) == 0);
  while ((entry = nfs_readdir(nfs, directory)) != NULL) {
    int number = -1;
    if (entry->name[0] == '.') continue;
    CHECK(sscanf(entry->name, "entry-%d", &number) == 1);
    CHECK(number >= 0 && number < MANY && !seen[number]);
    seen[number] = 1;
    ++found;
  }
  nfs_closedir(nfs, directory);
  CHECK(found == MANY);
}

static void check_bytes(void) {
  static char block[BLOCK], back[BLOCK];
  struct nfsfh *file = NULL;
  for (int i = 0; i < BLOCK; ++i) block[i] = (char)(i * 31 >> 3);
  CHECK(nfs_open2(nfs, "/f", O_RDWR | O_CREAT | O_EXCL, 0644, &file) == 0);
  CHECK(nfs_pwrite(nfs, file, 0, BLOCK, block) == BLOCK);
  CHECK(nfs_pwrite(nfs, file, 4 * BLOCK, BLOCK, block) == BLOCK); /* a hole between */
  CHECK(nfs_fsync(nfs, file) == 0);
  CHECK(stat_of("/f").nfs_size == 5 * BLOCK);
  CHECK(nfs_pread(nfs, file, 0, BLOCK, back) == BLOCK && memcmp(block, back, BLOCK) == 0);
  CHECK(nfs_pread(nfs, file, 2 * BLOCK, BLOCK, back) == BLOCK);
  for (int i = 0; i < BLOCK; ++i) CHECK(back[i] == 0);
  CHECK(nfs_ftruncate(nfs, file, 100) == 0);
  CHECK(stat_of("/f").nfs_size == 100);
  CHECK(nfs_ftruncate(nfs, file, 200) == 0);
  CHECK(nfs_pread(nfs, file, 0, BLOCK, back) == 200);
  CHECK(memcmp(block, back, 100) == 0 && back[100] == 0 && back[199] == 0);
  CHECK(nfs_pwrite(nfs, file, 50, 10, "0123456789") == 10);
  CHECK(nfs_close(nfs, file) == 0);
}

int main(int argc, char **argv) {
  if (argc != 3) return 2;
  nfs = nfs_init_context();
  struct nfs_url *url = nfs == NULL ? NULL : nfs_parse_url_dir(nfs, argv[1]);
  if (url == NULL) return 2;
  CHECK(nfs_mount(nfs, url->server, url->path) == 0);
  if (strcmp(argv[2], "names") == 0) {
    check_names();
  } else if (strcmp(argv[2], "many") == 0) {
    check_many();
  } else if (strcmp(argv[2], "bytes") == 0) {
    check_bytes();
  } else {
    return 2;
  }
  nfs_destroy_url(url);
  nfs_destroy_context(nfs);
  return 0;
}
