"""A remote connector for LMCache: `exists`, `get`, `put`, `batched_*`, as its RemoteConnector names them. Works without
LMCache too, on any memory objects that have `byte_array`."""

import asyncio

try:
    from lmcache.v1.storage_backend.connector.base_connector import RemoteConnector
except ImportError:
    RemoteConnector = object


def _text(key):
    return key.to_string() if hasattr(key, "to_string") else str(key)


class TokenPlaneConnector(RemoteConnector):
    """`allocate()` makes a memory object for a full chunk, or None where there is no memory; `shorten(obj, size)` makes
    it one of a smaller value (default: RemoteConnector.reshape_partial_chunk, else `raw_data[:size]`)."""

    def __init__(self, client, allocate, shorten=None):
        super().__init__()
        self._client, self._allocate = client, allocate
        self._shorten = shorten or self._shorten_raw

    def _shorten_raw(self, memory_obj, size):
        if RemoteConnector is not object:
            return self.reshape_partial_chunk(memory_obj, size)
        memory_obj.raw_data = memory_obj.raw_data[:size]
        return memory_obj

    def exists_sync(self, key):
        return self._client.exists(_text(key))

    async def exists(self, key):
        return await asyncio.to_thread(self.exists_sync, key)

    async def get(self, key):
        return (await self.batched_get([key]))[0]

    async def put(self, key, memory_obj):
        await self.batched_put([key], [memory_obj])

    def support_batched_get(self):
        return True

    def support_batched_put(self):
        return True

    def support_batched_contains(self):
        return True

    def support_batched_async_contains(self):
        return True

    async def batched_get(self, keys):
        return await asyncio.to_thread(self._get, keys)

    async def batched_put(self, keys, memory_objs):
        await asyncio.to_thread(self._put, keys, memory_objs)

    def batched_contains(self, keys, stop_after_first_not_exits=True):
        if not stop_after_first_not_exits:
            return [self.exists_sync(key) for key in keys]
        there = self._client.lookup_prefix([_text(key) for key in keys])
        return [number < there for number in range(len(keys))]

    async def batched_async_contains(self, lookup_id, keys, pin=False):
        """How many leading keys are there; with `pin` they are leased for a minute."""
        return await asyncio.to_thread(self._client.lookup_prefix, [_text(key) for key in keys],
                                       lease_ms=60_000 if pin else None)

    def remove_sync(self, key):
        return self._client.delete(_text(key)) == 1

    async def list(self):
        return await asyncio.to_thread(lambda: [key.decode() for key in self._client.scan()])

    def support_ping(self):
        return True

    async def ping(self):
        answer = await asyncio.to_thread(self._client.call, "PING")
        return 0 if answer == "PONG" else 1

    async def close(self):
        self._client.close()

    def _get(self, keys):
        objects = []
        try:
            for _ in keys:
                objects.append(self._allocate())
            wanted = [(_text(key), memory_obj) for key, memory_obj in zip(keys, objects) if memory_obj is not None]
            sizes = iter(self._client.get_many([key for key, _ in wanted], [obj.byte_array for _, obj in wanted]))
        except BaseException:
            for memory_obj in objects:
                self._give_back(memory_obj)
            raise
        results = []
        for memory_obj in objects:
            size = next(sizes) if memory_obj is not None else None
            if size is None:
                self._give_back(memory_obj)
                results.append(None)
            elif size == len(memory_obj.byte_array):
                results.append(memory_obj)
            else:
                results.append(self._shorten(memory_obj, size))
        return results

    @staticmethod
    def _give_back(memory_obj):
        if memory_obj is not None and hasattr(memory_obj, "ref_count_down"):
            memory_obj.ref_count_down()

    def _put(self, keys, memory_objs):
        self._client.put_many([_text(key) for key in keys], [obj.byte_array for obj in memory_objs])
