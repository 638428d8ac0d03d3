"""espeak-ng by its C interface. Needs the extra `local`.

espeak's state is global to the process, so there is one lock and one utterance at a time; at
0.003 times real time that is no limit. Source: espeak-ng, speak_lib.h.
"""

import ctypes
import threading

import espeakng_loader

from turngate.audio.resample import resampled
from turngate.units import RATE_HZ

_SYNCHRONOUS = 2
_BUFFER_MS = 60
_RATE_PARAMETER = 1
_WORDS_PER_MINUTE = 165
_POSITION_CHARACTER = 1
_UTF8 = 1
_GO_ON = 0
_VOICE = b"en-us"

_LOCK = threading.Lock()


class Espeak:
    """The engine of this process. Raises OSError when the library cannot be used."""

    def __init__(self) -> None:
        self._library = ctypes.CDLL(espeakng_loader.get_library_path())
        path = str(espeakng_loader.get_data_path()).encode()
        self._rate_hz: int = self._library.espeak_Initialize(_SYNCHRONOUS, _BUFFER_MS, path, 0)
        if self._rate_hz <= 0:
            raise OSError("espeak-ng cannot be initialised")
        if self._library.espeak_SetVoiceByName(_VOICE):
            raise OSError(f"espeak-ng has no voice {_VOICE.decode()}")
        self._pcm = bytearray()
        # espeak calls it as long as the process lives, so the object must live as long.
        self._callback = ctypes.CFUNCTYPE(
            ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p
        )(self._take)
        self._library.espeak_SetSynthCallback(self._callback)

    def _take(self, samples: object, count: int, events: object) -> int:  # noqa: ARG002  the C signature
        if samples and count > 0:
            self._pcm += ctypes.string_at(samples, count * 2)  # pyright: ignore[reportArgumentType]  a C pointer
        return _GO_ON

    def speak(self, text: str) -> bytes:
        """Return `text` as s16le mono PCM at 24 kHz. Blocks; call it off the event loop."""
        spoken = text.encode() + b"\0"
        with _LOCK:
            self._pcm.clear()
            self._library.espeak_SetParameter(_RATE_PARAMETER, _WORDS_PER_MINUTE, 0)
            self._library.espeak_Synth(
                spoken, ctypes.c_size_t(len(spoken)), 0, _POSITION_CHARACTER, 0, _UTF8, None, None
            )
            self._library.espeak_Synchronize()
            pcm = bytes(self._pcm)
        return resampled(pcm, self._rate_hz, RATE_HZ)
