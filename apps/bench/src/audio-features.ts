import type { FrameStream } from '@polymodal/audio-spectrogram';

/** A live sound in chunks of 20 ms at 16 kHz, one after the other. */
export function throughStream(stream: FrameStream, data: Float32Array): void {
  for (let at = 0; at < data.length; at += 320) stream.push(data.subarray(at, at + 320));
  stream.end();
}
