import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type ConvolutionOptions, convolutionLength, convolutionStackLength } from './convolution.js';
import { astPatchGrid, conformerEncoderLength, seamlessLength, wav2vec2EncoderLength, whisperEncoderLength } from './encoders.js';
import { kaldiFrames, stftFrames, whisperFrames } from './frames.js';

/** Counts the places of a kernel that lies wholly inside, one by one. */
function counted(length: number, { kernel, stride = 1, padding = 0, dilation = 1 }: ConvolutionOptions): number {
  let places = 0;
  for (let start = -padding; start + dilation * (kernel - 1) < length + padding; start += stride) places++;
  return places;
}

describe('convolutions', () => {
  test('have as many places as there are', () => {
    const small = fc.integer({ min: 1, max: 7 });
    fc.assert(
      fc.property(fc.nat(300), small, small, fc.nat(9), small, (length, kernel, stride, padding, dilation) => {
        const options = { kernel, stride, padding, dilation };
        expect(convolutionLength(length, options)).toBe(counted(length, options));
      }),
    );
  });

  test('one after another', () => {
    expect(convolutionStackLength(17, [])).toBe(17);
    expect(convolutionStackLength(9, [{ kernel: 3 }, { kernel: 8 }, { kernel: 1, padding: 5 }])).toBe(0);
  });

  test.each<[string, () => unknown, string?]>([
    ['a length of NaN', () => convolutionLength(Number.NaN, { kernel: 1 })],
    ['half a sample', () => whisperEncoderLength(0.5)],
    ['a negative length', () => conformerEncoderLength(-1)],
    ['a kernel of 0', () => convolutionLength(3, { kernel: 0 })],
    ['no kernel', () => convolutionLength(3, undefined as never), 'AUDIO_OPTION'],
    ['no layers', () => convolutionStackLength(3, undefined as never), 'AUDIO_OPTION'],
    ['a layer that is none', () => convolutionStackLength(3, [null as never]), 'AUDIO_OPTION'],
    ['a stride of 0', () => convolutionLength(3, { kernel: 1, stride: 0 })],
    ['lists of two lengths', () => wav2vec2EncoderLength(3, { conv_kernel: [1], conv_stride: [1, 2] }), 'AUDIO_OPTION'],
    ['a list that is none', () => wav2vec2EncoderLength(3, { conv_kernel: 'ab' as never, conv_stride: [1, 2] }), 'AUDIO_OPTION'],
    ['frames of no length', () => kaldiFrames(300, { frameLength: 0 }), 'AUDIO_FRAME'],
    ['a frame of 25n', () => kaldiFrames(300, { frameLength: 25n as never }), 'AUDIO_OPTION'],
    ['edges by word', () => kaldiFrames(300, { snipEdges: 'no' as never }), 'AUDIO_OPTION'],
    ['a shift below one sample', () => kaldiFrames(300, { frameShift: 0.01 }), 'AUDIO_FRAME'],
    ['a rate of NaN', () => kaldiFrames(300, { sampleFrequency: Number.NaN }), 'AUDIO_SAMPLE_RATE'],
    ['samples by word', () => stftFrames('300' as never)],
    ['a hop of 0', () => stftFrames(300, { hopLength: 0 }), 'AUDIO_FRAME'],
    ['a transform of 0', () => stftFrames(300, { fftLength: 0 }), 'AUDIO_FRAME'],
    ['centres by word', () => stftFrames(300, { center: 'false' as never }), 'AUDIO_OPTION'],
    ['a patch of 0', () => astPatchGrid({ patchSize: 0 })],
    ['a stride of 0 frames', () => seamlessLength(300, 0)],
  ])('%s is refused', (_, run, code = 'AUDIO_LENGTH') => expect(run).toThrow(expect.objectContaining({ code })));
});

describe('encoders', () => {
  test('Whisper halves, rounding up', () => {
    expect(whisperEncoderLength(3000)).toBe(1500);
    for (let frames = 0; frames < 400; frames++) expect(whisperEncoderLength(frames)).toBe(Math.ceil(frames / 2));
  });

  test("Conformer's rule holds for every length, also where the shortcut is one short", () => {
    const layer = { kernel: 3, stride: 2 };
    for (let frames = 0; frames <= 2000; frames++) {
      const length = conformerEncoderLength(frames);
      expect(length).toBe(counted(counted(frames, layer), layer));
      if (frames < 7) expect(length).toBe(0);
      else expect(length - ((frames >> 2) - 1)).toBe(frames % 4 === 3 ? 1 : 0);
    }
    expect(conformerEncoderLength(80)).toBe(19);
  });

  test('wav2vec 2.0: 49 positions a second', () => {
    expect(wav2vec2EncoderLength(16_000)).toBe(49);
    expect([399, 400, 719, 720].map((samples) => wav2vec2EncoderLength(samples))).toEqual([0, 1, 1, 2]);
    expect(wav2vec2EncoderLength(100, { conv_kernel: [10], conv_stride: [5] })).toBe(19);
  });

  test('AST: 12 × 101 patches', () => {
    expect(astPatchGrid()).toEqual({ frequency: 12, time: 101, patches: 1212 });
    expect(astPatchGrid({ frequencyStride: 16, timeStride: 16 })).toEqual({ frequency: 8, time: 64, patches: 512 });
    expect(astPatchGrid({ frames: 15 })).toEqual({ frequency: 12, time: 0, patches: 0 });
  });

  test('Seamless: two Kaldi frames a position', () => {
    expect([399, 400, 559, 560, 720, 16_000].map((samples) => seamlessLength(samples))).toEqual([0, 1, 1, 1, 2, 49]);
  });
});

describe('frames', () => {
  test('are as many as fit', () => {
    for (let samples = 0; samples < 1500; samples += 7) {
      expect(stftFrames(samples, { center: false })).toBe(counted(samples, { kernel: 400, stride: 160 }));
      expect(stftFrames(samples)).toBe(counted(samples, { kernel: 400, stride: 160, padding: 200 }));
      expect(stftFrames(samples, { fftLength: 25, hopLength: 7 })).toBe(counted(samples, { kernel: 25, stride: 7, padding: 12 }));
      expect(kaldiFrames(samples)).toBe(counted(samples, { kernel: 400, stride: 160 }));
      if (samples > 200) expect(whisperFrames(samples)).toBe(stftFrames(samples) - 1);
    }
    expect(whisperFrames(480_000)).toBe(3000);
    expect([0, 200, 201].map(whisperFrames)).toEqual([0, 0, 1]);
  });

  test('Kaldi without snipping: one for every shift, the last from half of one on', () => {
    expect([399, 400, 479, 480, 639, 640].map((samples) => kaldiFrames(samples, { snipEdges: false }))).toEqual([0, 3, 3, 3, 4, 4]);
  });

  test('sizes are rounded down', () => {
    expect(kaldiFrames(1102, { sampleFrequency: 22_050 })).toBe(3);
    expect(kaldiFrames(1101, { sampleFrequency: 22_050 })).toBe(3);
    expect(kaldiFrames(550, { sampleFrequency: 22_050 })).toBe(0);
  });
});
