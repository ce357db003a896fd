"""A storage backend for SGLang's HiCache: its HiCacheStorage interface. A page is one entry, whatever number of buffers
it is spread over, so that it is there whole or not at all."""

import ctypes

from .client import BufferTooSmall

try:
    from sglang.srt.mem_cache.hicache_storage import HiCacheStorage
except ImportError:
    HiCacheStorage = object


def _view(target):
    """The bytes of a CPU tensor, or of anything that has the buffer interface."""
    if hasattr(target, "data_ptr"):
        return _memory(target.data_ptr(), target.numel() * target.element_size())
    return memoryview(target).cast("B")


def _memory(address, size):
    return memoryview((ctypes.c_char * size).from_address(address)).cast("B")


def identity_of(storage_config):
    """The identity fields of an HiCacheStorageConfig. With MLA every rank holds the same bytes: one rank for all."""
    mla = storage_config.is_mla_model
    fields = {"tensor_parallel": 1 if mla else storage_config.tp_size, "rank": 0 if mla else storage_config.tp_rank}
    if storage_config.model_name:
        fields["model"] = storage_config.model_name
    return fields


class TokenPlaneStorage(HiCacheStorage):
    """`client` is bound to the identity already: Client(..., identity=identity_of(storage_config))."""

    def __init__(self, client, tokens_per_page=None):
        self._client, self._tokens = client, tokens_per_page

    def register_mem_pool_host(self, mem_pool_host):
        self.mem_pool_host = mem_pool_host

    # One key or several, values as tensors or buffers.

    def get(self, key, target_location=None, target_sizes=None):
        return self.batch_get([key], None if target_location is None else [target_location])[0]

    def batch_get(self, keys, target_locations=None, target_sizes=None):
        """The targets that were filled, None where the key is not there (or its value has another size)."""
        if target_locations is None:
            return [self._client.get(key) for key in keys]
        views = [_view(target) for target in target_locations]
        sizes = self._sizes(keys, views)
        return [target if size == len(view) else None for target, view, size in zip(target_locations, views, sizes)]

    def set(self, key, value=None, target_location=None, target_sizes=None):
        return self.batch_set([key], [target_location if value is None else value])

    def batch_set(self, keys, values=None, target_locations=None, target_sizes=None):
        views = [_view(value) for value in (target_locations if values is None else values)]
        return all(self._client.put_many(keys, views, tokens=self._tokens))

    def exists(self, key):
        return self._client.exists(key)

    def batch_exists(self, keys, extra_info=None):
        """The length of the consecutive run of keys from the start."""
        return self._client.lookup_prefix(keys, lease_ms=10_000)

    # Pages of the registered host pool, without copies.

    def batch_get_v1(self, keys, host_indices, extra_info=None):
        pages = self._pages(len(keys), host_indices)
        sizes = self._sizes(keys, pages)
        return [size == sum(len(part) for part in page) for size, page in zip(sizes, pages)]

    def batch_set_v1(self, keys, host_indices, extra_info=None):
        prefix = getattr(extra_info, "prefix_keys", None)
        return self._client.put_many(keys, self._pages(len(keys), host_indices), tokens=self._tokens,
                                     parent=prefix[-1] if prefix else None)

    def _sizes(self, keys, buffers):
        """A value that is larger than its place is one of another size: no error here."""
        try:
            return self._client.get_many(keys, buffers)
        except BufferTooSmall as error:
            return error.sizes

    def _pages(self, count, host_indices):
        addresses, sizes = self.mem_pool_host.get_page_buffer_meta(host_indices)
        if count == 0 or len(addresses) % count:
            raise ValueError(f"{len(addresses)} buffers for {count} pages")
        parts = len(addresses) // count
        views = [_memory(address, size) for address, size in zip(addresses, sizes)]
        return [views[first:first + parts] for first in range(0, len(views), parts)]

    def clear(self):
        self._client.clear()

    def get_stats(self):
        return self._client.stat()
