import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, describe, expect, test } from '@jest/globals';
import type { Image } from '@polymodal/modality-registry';
import { noise } from '../../../test/noise.js';
import { sampleFrames, tubelets } from '../../index.js';
import { openVideo, probeVideo } from '../ffmpeg.js';
import { splitPpm } from './ppm.js';
import { startTool } from './process.js';

const folder = mkdtempSync(join(tmpdir(), 'polymodal-video-'));
afterAll(() => rmSync(folder, { recursive: true }));
const file = (name: string) => join(folder, name);

async function all<T>(source: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = [];
  for await (const item of source) items.push(item);
  return items;
}

const bytesOf = (frames: readonly Image[]) => frames.map(({ data }) => Buffer.from(data).toString('base64'));

/** How many child processes there are; Node forgets one a turn after it is gone. */
async function children(): Promise<number> {
  await new Promise((resolve) => setTimeout(resolve, 20));
  return process.getActiveResourcesInfo().filter((name) => name === 'ProcessWrap').length;
}

const textFile = file('notes.mp4');
writeFileSync(textFile, 'these are notes\n');

describe('without ffmpeg', () => {
  test('the error says what to install', async () => {
    await expect(openVideo(textFile, { ffprobe: 'no-such-ffprobe' })).rejects.toThrow(
      expect.objectContaining({ code: 'VIDEO_FFMPEG_MISSING', message: expect.stringContaining('apt install ffmpeg') }),
    );
  });
  test.each<[string, string | URL, object, string]>([
    ['a file that is not there', file('none.mp4'), {}, 'VIDEO_FILE'],
    ['a folder', folder, {}, 'VIDEO_FILE'],
    ['an address', new URL('http://127.0.0.1/a.mp4'), {}, 'VIDEO_FILE'],
    ['a start of NaN', textFile, { start: Number.NaN }, 'VIDEO_OPTIONS'],
    ['0 frames per second', textFile, { fps: 0 }, 'VIDEO_OPTIONS'],
    ['a start beyond all videos', textFile, { start: 1e300 }, 'VIDEO_OPTIONS'],
    ['less than a microsecond', textFile, { seconds: 1e-9 }, 'VIDEO_OPTIONS'],
    ['a thousand million frames per second', textFile, { fps: 1e9 }, 'VIDEO_OPTIONS'],
    ['a start in letters', textFile, { start: '1' }, 'VIDEO_OPTIONS'],
    ['no options but null', textFile, null as never, 'VIDEO_OPTIONS'],
    ['half a pixel', textFile, { width: 0.5 }, 'VIDEO_OPTIONS'],
  ])('%s is refused', async (_, path, options, code) => {
    await expect(openVideo(path, options)).rejects.toThrow(expect.objectContaining({ code }));
  });
});

describe('a stream of PPM pictures', () => {
  const frames = noise(3, 5, 4);
  const stream = Buffer.concat(frames.flatMap(({ data }) => [Buffer.from('P6\n5 4\n255\n'), Buffer.from(data)]));
  async function* parts(bytes: Uint8Array, size: number) {
    for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
  }
  test.each([1, 7, 71, 1000])('is parted however it comes: %i bytes at a time', async (size) => {
    expect(await all(splitPpm(parts(stream, size), 20))).toEqual(frames);
  });
  test.each<[string, Uint8Array, string]>([
    ['more pixels than allowed', Buffer.from('P6\n90000 90000\n255\n'), 'VIDEO_TOO_LARGE'],
    ['no PPM', Buffer.from('RIFF and more than forty bytes of another format'), 'VIDEO_DECODE'],
    ['another kind of PPM', Buffer.from('P5\n5 4\n255\n'), 'VIDEO_DECODE'],
    ['half a frame', stream.subarray(0, 100), 'VIDEO_TRUNCATED'],
  ])('%s is refused', async (_, bytes, code) => {
    await expect(all(splitPpm(parts(bytes, 64), 1000))).rejects.toThrow(expect.objectContaining({ code }));
  });
});

const tools = ['ffmpeg', 'ffprobe'] as const;
const found = tools.every((tool) => spawnSync(tool, ['-version'], { stdio: 'ignore' }).status === 0);
if (!found) process.stdout.write('video files: not run (no ffmpeg)\n');
else {
  const ffmpeg = (args: readonly string[], input?: Uint8Array) => {
    const { status, stderr, stdout } = spawnSync(tools[0], ['-v', 'error', '-y', ...args], { input, maxBuffer: 1e8 });
    if (status !== 0) throw new Error(String(stderr));
    return stdout;
  };
  const frames = noise(20, 64, 48);
  const raw = ['-f', 'rawvideo', '-pix_fmt', 'rgb24', '-s', '64x48', '-r', '10', '-i', 'pipe:0'];
  const lossless = file('noise of 20.mkv');
  ffmpeg([...raw, '-c:v', 'ffv1', '-pix_fmt', 'bgr0', lossless], Buffer.concat(frames.map(({ data }) => Buffer.from(data))));
  const long = file('long.mp4');
  ffmpeg(['-f', 'lavfi', '-i', 'testsrc2=size=320x240:rate=25:duration=20', '-c:v', 'mpeg4', '-pix_fmt', 'yuv420p', long]);

  describe('with ffmpeg', () => {
    const exitListeners = process.listenerCount('exit');
    test('the header is told', async () => {
      const expected = { width: 64, height: 48, frameRate: 10, seconds: 2, frames: 20, codec: 'ffv1' };
      expect(await probeVideo(pathToFileURL(lossless))).toEqual(expected);
      expect(await probeVideo(long)).toMatchObject({ width: 320, height: 240, frameRate: 25, frames: 500 });
    });

    test('a lossless file gives the frames that were put in, each time that it is read', async () => {
      const video = await openVideo(lossless);
      expect(video.frameRate).toBe(10);
      expect(bytesOf(await all(video.frames))).toEqual(bytesOf(frames));
      expect(bytesOf(await sampleFrames(video.frames, 5, { total: 20 }))).toEqual(bytesOf([0, 4, 9, 14, 19].map((i) => frames[i]!)));
      expect(await children()).toBe(0);
    });

    test('a part is read from its start, at a rate, up to a number of frames', async () => {
      const read = async (options: object) => bytesOf(await all((await openVideo(lossless, options)).frames));
      const expected = bytesOf(frames);
      expect(await read({ start: 0.5 })).toEqual(expected.slice(5));
      // 5.6e-17 and 0.000001: ffmpeg reads no exponents.
      expect(await read({ start: 0.1 + 0.2 - 0.3 })).toEqual(expected);
      expect(await read({ seconds: 1e-6 })).toEqual(expected.slice(0, 1));
      expect(await read({ start: 0.5, seconds: 0.3 })).toEqual(expected.slice(5, 8));
      expect(await read({ maxFrames: 3 })).toEqual(expected.slice(0, 3));
      expect(await read({ fps: 20 })).toHaveLength(40);
      expect((await openVideo(lossless, { fps: 5 })).frameRate).toBe(5);
    });

    test('frames are scaled, and turned as the file says', async () => {
      const sizes = async (path: string, options: object) => {
        const [frame] = await all((await openVideo(path, { ...options, maxFrames: 1 })).frames);
        return [frame!.width, frame!.height];
      };
      expect(await sizes(lossless, { width: 32, height: 32 })).toEqual([32, 32]);
      expect(await sizes(lossless, { width: 32 })).toEqual([32, 24]);
      const turned = file('turned.mp4');
      ffmpeg(['-i', long, '-c', 'copy', '-t', '1', '-metadata:s:v:0', 'rotate=90', turned]);
      const { info } = await openVideo(turned);
      expect(await sizes(turned, {})).toEqual([info.width, info.height]);
    });

    test('a video becomes tubelets', async () => {
      const { frames: stream } = await openVideo(lossless, { maxFrames: 4 });
      const options = { patchSize: 16, tubeSize: 2 };
      expect(tubelets(await all(stream), options)).toEqual(tubelets(frames.slice(0, 4), options));
    });

    test('ffmpeg waits for a slow reader, and ends when that leaves', async () => {
      const { frames: stream } = await openVideo(long);
      for await (const frame of stream) {
        expect(frame.data.length).toBe(320 * 240 * 3);
        // Half a second is enough to decode all 500 frames, if nobody held ffmpeg back.
        await new Promise((resolve) => setTimeout(resolve, 500));
        expect(await children()).toBe(1);
        break;
      }
      expect(await children()).toBe(0);
    });

    test('an aborted signal kills ffmpeg and is the reason', async () => {
      const controller = new AbortController();
      const reason = new Error('enough');
      const { frames: stream } = await openVideo(long, { signal: controller.signal });
      const read = async () => {
        for await (const _ of stream) controller.abort(reason);
      };
      await expect(read()).rejects.toBe(reason);
      await expect(openVideo(long, { signal: controller.signal })).rejects.toBe(reason);
      expect(await children()).toBe(0);
    });

    test('the end of this process is that of ffmpeg', async () => {
      const tool = startTool('ffmpeg', ['-v', 'error', '-f', 'lavfi', '-i', 'testsrc2=size=64x48', '-f', 'null', '-'], undefined);
      for (const listener of process.listeners('exit').slice(exitListeners)) listener.call(process, 0);
      expect((await tool.finished).code).toBeNull();
      expect(process.listenerCount('exit')).toBe(exitListeners);
    });

    test('a file that is cut short fails after its last frame, or gives what there is', async () => {
      const cut = file('cut.mkv');
      const bytes = readFileSync(lossless);
      writeFileSync(cut, bytes.subarray(0, Math.floor(bytes.length / 2)));
      let count = 0;
      const read = async () => {
        for await (const _ of (await openVideo(cut)).frames) count++;
      };
      await expect(read()).rejects.toThrow(expect.objectContaining({ code: 'VIDEO_TRUNCATED' }));
      expect(count).toBeGreaterThan(5);
      expect(await all((await openVideo(cut, { allowTruncated: true })).frames)).toHaveLength(count);
    });

    test.each<[string, () => Promise<unknown>, string]>([
      ['a text', () => openVideo(textFile), 'VIDEO_DECODE'],
      ['frames of too many pixels', () => openVideo(lossless, { maxPixels: 1000 }), 'VIDEO_TOO_LARGE'],
      ['a scale to too many pixels', () => openVideo(lossless, { width: 100_000 }), 'VIDEO_TOO_LARGE'],
      ['more than a thousand times the frames', () => openVideo(lossless, { fps: 10_001 }), 'VIDEO_OPTIONS'],
      ['another program than ffprobe', () => openVideo(lossless, { ffprobe: 'echo' }), 'VIDEO_DECODE'],
      ['a start after the end', async () => all((await openVideo(lossless, { start: 100 })).frames), 'VIDEO_EMPTY'],
      ['no ffmpeg beside ffprobe', async () => all((await openVideo(lossless, { ffmpeg: 'none' })).frames), 'VIDEO_FFMPEG_MISSING'],
    ])('%s is refused', async (_, call, code) => {
      await expect(call()).rejects.toThrow(expect.objectContaining({ code }));
    });

    test('sound alone is no video', async () => {
      const sound = file('sound.wav');
      ffmpeg(['-f', 'lavfi', '-i', 'sine=duration=0.1', sound]);
      await expect(openVideo(sound)).rejects.toThrow(expect.objectContaining({ code: 'VIDEO_EMPTY' }));
    });

    test('a playlist may not open other files by other protocols', async () => {
      const list = file('list.m3u8');
      writeFileSync(list, '#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nhttp://127.0.0.1:9/a.ts\n#EXT-X-ENDLIST\n');
      await expect(openVideo(list)).rejects.toThrow(expect.objectContaining({ code: 'VIDEO_DECODE' }));
    });
  });
}
