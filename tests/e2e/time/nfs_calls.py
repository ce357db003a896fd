"""libnfs called from Python: one function a call; errors come back as negative errno values."""

import ctypes
import ctypes.util

LIBRARY = ctypes.util.find_library("nfs")


class NfsMount:
    """A volume mounted by libnfs as NFSv3; its NFSv4 is 4.0, which the server does not speak."""

    def __init__(self, server, volume, uid=0):
        self.lib = ctypes.CDLL(LIBRARY)
        self.lib.nfs_init_context.restype = ctypes.c_void_p
        self.lib.nfs_get_error.restype = ctypes.c_char_p
        self.lib.nfs_parse_url_dir.restype = ctypes.c_void_p
        self.context = ctypes.c_void_p(self.lib.nfs_init_context())
        port = server.nfs_port
        url = f"nfs://127.0.0.1/{volume}/?version=3&nfsport={port}&mountport={port}&uid={uid}&gid={uid}"
        parsed = self.lib.nfs_parse_url_dir(self.context, url.encode())
        if not parsed:
            raise OSError(self.error())
        if self.lib.nfs_mount(self.context, b"127.0.0.1", f"/{volume}".encode()) != 0:
            raise OSError(self.error())

    def error(self):
        return (self.lib.nfs_get_error(self.context) or b"").decode()

    def close(self):
        self.lib.nfs_destroy_context(self.context)

    def call(self, name, *arguments):
        """nfs_NAME(context, ...): its status."""
        return getattr(self.lib, f"nfs_{name}")(self.context, *arguments)

    def open(self, path, flags):
        """(status, file handle)"""
        handle = ctypes.c_void_p()
        return self.call("open", path.encode(), flags, ctypes.byref(handle)), handle

    def read(self, path, size=1 << 16):
        status, handle = self.open(path, 0)
        if status != 0:
            return status
        buffer = ctypes.create_string_buffer(size)
        got = self.call("read", handle, ctypes.c_uint64(size), buffer)
        self.call("close", handle)
        return buffer.raw[:got] if got >= 0 else got

    def write(self, handle, data):
        return self.call("write", handle, ctypes.c_uint64(len(data)), ctypes.create_string_buffer(data, len(data)))

    def create(self, path, data, mode=0o644):
        handle = ctypes.c_void_p()
        status = self.call("creat", path.encode(), mode, ctypes.byref(handle))
        if status != 0:
            return status
        written = self.write(handle, data)
        closed = self.call("close", handle)
        return closed if written == len(data) else written

    def unlink(self, path):
        return self.call("unlink", path.encode())

    def rename(self, old, new):
        return self.call("rename", old.encode(), new.encode())

    def link(self, old, new):
        return self.call("link", old.encode(), new.encode())

    def truncate(self, path, size):
        return self.call("truncate", path.encode(), ctypes.c_uint64(size))

    def chmod(self, path, mode):
        return self.call("chmod", path.encode(), mode)

    def mkdir(self, path):
        return self.call("mkdir", path.encode())
