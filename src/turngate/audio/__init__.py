"""PCM only: framing, loudness, tones, resampling, WAV files and the playhead."""
