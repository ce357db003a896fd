"""Client of the Token Plane cache: prefixes, blocks into buffers of the caller, adapters for inference engines.

Pure Python, standard library alone. See python/README.md.
"""

from .client import BufferTooSmall, Client
from .wire import CacheError, ServerError

__all__ = ["BufferTooSmall", "CacheError", "Client", "ServerError"]
__version__ = "0.1.0"
