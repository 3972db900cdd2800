import { AudioError } from '../errors.js';

/** Formats that are recognised by their content, most of them so that an error can say what to do. */
export type AudioFormat =
  | 'wav'
  | 'flac'
  | 'mp3'
  | 'ogg'
  | 'mp4'
  | 'aac'
  | 'webm'
  | 'aiff'
  | 'w64'
  | 'caf'
  | 'amr'
  | 'au'
  | 'wavpack'
  | 'ape';

const magic: readonly (readonly [AudioFormat, RegExp])[] = [
  ['wav', /^(?:RIFF|RIFX|RF64|BW64).{4}WAVE/s],
  ['flac', /^fLaC/],
  ['ogg', /^OggS/],
  ['mp3', /^ID3/],
  ['mp4', /^.{4}ftyp/s],
  // Frames of MPEG audio begin with eleven set bits; layer 0 is AAC.
  ['aac', /^(?:\xff[\xf0\xf1\xf8\xf9]|ADIF)/],
  ['mp3', /^\xff[\xe2-\xe7\xf2-\xf7\xfa-\xff]./s],
  ['webm', /^.E\xdf\xa3/s],
  ['aiff', /^FORM.{4}AIF[FC]/s],
  ['w64', /^riff.\x91\xcf/s],
  ['caf', /^caff/],
  ['amr', /^#!AMR/],
  ['au', /^\.snd/],
  ['wavpack', /^wvpk/],
  ['ape', /^MAC /],
];

/** Names that people know formats by. */
export const formatNames: Readonly<Record<AudioFormat, string>> = {
  wav: 'WAV',
  flac: 'FLAC',
  mp3: 'MP3',
  ogg: 'Ogg',
  mp4: 'M4A (MP4)',
  aac: 'AAC',
  webm: 'WebM',
  aiff: 'AIFF',
  w64: 'Wave64',
  caf: 'CAF',
  amr: 'AMR',
  au: 'AU',
  wavpack: 'WavPack',
  ape: "Monkey's Audio",
};

/** What a file is by its first bytes, or undefined; sixteen of them suffice. */
export function audioFormat(head: Uint8Array): AudioFormat | undefined {
  const text = String.fromCharCode(...head.subarray(0, 16));
  return magic.find(([, pattern]) => pattern.test(text))?.[0];
}

/** @returns the error for what is no WAV: what it is instead, and what reads that */
export function notWav(head: Uint8Array): AudioError {
  const format = audioFormat(head);
  if (!format || format === 'wav') return unknownFormat(head, 'a WAV');
  const here = format === 'mp3' || format === 'flac' || format === 'ogg';
  return new AudioError({
    code: 'AUDIO_UNSUPPORTED_FORMAT',
    message: `the data are ${formatNames[format]}, but a WAV was expected.`,
    fix: here ? 'Use decodeAudio of @polymodal/audio-spectrogram/node or /browser.' : convertFirst(format),
  });
}

/** @returns the error for data that are no sound that is known */
export function unknownFormat(head: Uint8Array, expected: string): AudioError {
  if (head.length === 0) {
    return new AudioError({ code: 'AUDIO_EMPTY', message: 'the file has 0 bytes.', fix: 'Copy or download it again.' });
  }
  const start = JSON.stringify(String.fromCharCode(...head.subarray(0, 12)));
  return new AudioError({
    code: 'AUDIO_UNKNOWN_FORMAT',
    message: `the data begin with ${start}, but ${expected} was expected.`,
    fix: 'The content decides, not the name: check that the file is sound, or convert it: ffmpeg -i FILE out.wav',
  });
}

/** What to do about a format that nothing here decodes. */
export function convertFirst(format: AudioFormat): string {
  return `Convert it first: ffmpeg -i in.${format === 'mp4' ? 'm4a' : format} out.wav`;
}
