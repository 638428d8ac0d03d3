"""espeak-ng by its C interface. Needs the extra `local`.

espeak's state is global to the process, so there is one lock and one utterance at a time; at
0.003 times real time that is no limit. Source: espeak-ng, speak_lib.h.
"""

import ctypes
import string
import threading
from collections.abc import Iterable
from typing import ClassVar

import espeakng_loader

from turngate.audio.resample import resampled
from turngate.emulator.spoken import Mark, Spoken
from turngate.units import RATE_HZ

_SYNCHRONOUS = 2
_BUFFER_MS = 60
_RATE_PARAMETER = 1
_WORDS_PER_MINUTE = 165
_POSITION_CHARACTER = 1
_UTF8 = 1
_GO_ON = 0
_LAST_EVENT, _WORD_EVENT = 0, 1
DEFAULT_VOICE = "en-us"

_LOCK = threading.Lock()


class _Event(ctypes.Structure):
    """espeak_EVENT. text_position counts characters from 1; audio_position is in ms."""

    _fields_: ClassVar = [
        ("type", ctypes.c_int),
        ("unique_identifier", ctypes.c_uint),
        ("text_position", ctypes.c_int),
        ("length", ctypes.c_int),
        ("audio_position", ctypes.c_int),
        ("sample", ctypes.c_int),
        ("user_data", ctypes.c_void_p),
        ("id", ctypes.c_char * 8),
    ]


class Espeak:
    """The engine of this process.

    Raises:
        OSError: The library cannot be used.

    """

    def __init__(self) -> None:
        self._library = ctypes.CDLL(espeakng_loader.get_library_path())
        path = str(espeakng_loader.get_data_path()).encode()
        self._rate_hz: int = self._library.espeak_Initialize(_SYNCHRONOUS, _BUFFER_MS, path, 0)
        if self._rate_hz <= 0:
            raise OSError("espeak-ng cannot be initialised")
        self._pcm = bytearray()
        self._words: list[tuple[int, float]] = []
        # espeak calls it as long as the process lives, so the object must live as long.
        self._callback = ctypes.CFUNCTYPE(
            ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.POINTER(_Event)
        )(self._take)
        self._library.espeak_SetSynthCallback(self._callback)

    def _take(self, samples: object, count: int, events: "ctypes.Array[_Event]") -> int:
        if samples and count > 0:
            self._pcm += ctypes.string_at(samples, count * 2)  # pyright: ignore[reportArgumentType]  a C pointer
        for event in events:
            if event.type == _LAST_EVENT:
                break
            if event.type == _WORD_EVENT:
                self._words.append((event.text_position - 1, event.audio_position))
        return _GO_ON

    def speak(self, text: str, voice: str = DEFAULT_VOICE) -> Spoken:
        """Return `text` as s16le mono PCM at 24 kHz, with its words. Blocks: not for an event loop.

        Raises:
            OSError: There is no such voice.

        """
        said = text.encode() + b"\0"
        with _LOCK:
            self._pcm.clear()
            self._words.clear()
            if self._library.espeak_SetVoiceByName(voice.encode()):
                raise OSError(f"espeak-ng has no voice {voice}")
            self._library.espeak_SetParameter(_RATE_PARAMETER, _WORDS_PER_MINUTE, 0)
            self._library.espeak_Synth(
                said, ctypes.c_size_t(len(said)), 0, _POSITION_CHARACTER, 0, _UTF8, None, None
            )
            self._library.espeak_Synchronize()
            pcm = bytes(self._pcm)
            marks = _marks(text, self._words)
        return Spoken(resampled(pcm, self._rate_hz, RATE_HZ), marks)


def _marks(text: str, words: Iterable[tuple[int, float]]) -> tuple[Mark, ...]:
    """Return the words of `text` as they are written, given where espeak says that they begin.

    For "18:03" espeak reports several words, and for some letters a wrong place: what begins
    inside a word belongs to it, and a word that is not reported to the one before.
    """
    begins: dict[int, float] = {}
    for position, at_ms in words:
        begin = max(text.rfind(space, 0, position + 1) for space in string.whitespace) + 1
        if begin > max(begins, default=-1):
            begins[begin] = at_ms
    ends = [*list(begins)[1:], len(text)]
    return tuple(
        Mark(text[begin:end].strip(), at_ms)
        for (begin, at_ms), end in zip(begins.items(), ends, strict=False)
    )
