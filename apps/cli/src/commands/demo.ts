import { join, relative, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { ClipSpace } from '@polymodal/clip';
import { decodeImage } from '@polymodal/image-patcher/node';
import { makeFolder, writeFileAtomic } from '@polymodal/modality-registry/node';
import type { Concept } from '@polymodal/recipes/emoji';
import { type FlatIndex, flatIndex } from '@polymodal/retrieval';
import { saveIndex } from '@polymodal/retrieval/node';
import { CliError } from '../cli-error.js';
import { type DemoQuery, demoQueries } from '../demo/queries.js';
import type { DemoAnswer, DemoResult, DemoTimings } from '../demo/result.js';
import { exitCode } from '../exit-code.js';
import { loadModel } from '../model.js';
import type { CommonOptions } from '../options.js';
import { qualityRows, readQuality } from '../quality.js';
import { startStage } from '../terminal/progress.js';
import { count, printable, seconds, table } from '../terminal/text.js';

export interface DemoOptions extends CommonOptions {
  readonly out: string;
}

const BEST = 12;
const SHOWN = 5;
const BATCH = 64;

/** `polymodal demo`: searches the held-out Noto pictures by words and by a picture, and draws what it finds. */
export async function demo(options: DemoOptions, signal: AbortSignal): Promise<number> {
  const start = performance.now();
  const concepts = await emojiConcepts();
  await makeOut(options.out);
  const { clip, folder, loadMs } = await loadModel(options.model);
  try {
    const { index, readMs, embedMs } = await embedPictures(concepts, clip, signal);
    const answers: DemoAnswer[] = [];
    // The first run of anything compiles it; a second query is what a query costs.
    await warmUp(clip, index);
    for (const query of demoQueries) answers.push(await ask(query, concepts, clip, index, signal));

    const result: DemoResult = { model: clip.space, pictures: concepts.length, quality: await readQuality(folder), answers };
    const sheet = startStage('Drawing the contact sheet');
    const written = await draw(result, index, options.out).finally(() => sheet.end());
    signal.throwIfAborted();
    const timings: DemoTimings = {
      loadModelMs: loadMs,
      readPicturesMs: readMs,
      embedPicturesMs: embedMs,
      contactSheetMs: written.milliseconds,
      totalMs: performance.now() - start,
    };
    if (options.json)
      process.stdout.write(`${JSON.stringify({ ...result, quality: result.quality ?? null, timings, files: written.files })}\n`);
    else for (const line of report(result, timings, written.files)) process.stdout.write(`${line}\n`);
    return exitCode.ok;
  } finally {
    await clip.dispose();
  }
}

async function emojiConcepts(): Promise<Concept[]> {
  const recipes = await import('@polymodal/recipes/emoji').catch((cause: unknown) => {
    throw new CliError({
      code: 'DEMO_DATA_MISSING',
      message: 'the demo needs pictures that come with a clone of the repository, not with this package.',
      fix: 'Search your own instead: polymodal index ./pictures',
      cause,
    });
  });
  return recipes.loadConcepts();
}

async function makeOut(out: string): Promise<void> {
  await makeFolder(resolve(out)).catch((cause: unknown) => {
    const { code } = cause as NodeJS.ErrnoException;
    throw new CliError({
      code: 'OUTPUT_FOLDER',
      message: `cannot write to the folder ${out} (${code}).`,
      fix: 'Choose another with --out.',
      cause,
    });
  });
}

async function embedPictures(concepts: readonly Concept[], clip: ClipSpace, signal: AbortSignal) {
  const index = flatIndex({ space: clip.space, width: clip.width });
  const stage = startStage(`Embedding ${count(concepts.length, 'picture')}`);
  let readMs = 0;
  let embedMs = 0;
  try {
    for (let at = 0; at < concepts.length; at += BATCH) {
      signal.throwIfAborted();
      const batch = concepts.slice(at, at + BATCH);
      const started = performance.now();
      const images = await Promise.all(batch.map(({ files }) => decodeImage(files.noto)));
      const read = performance.now();
      const { vectors } = await clip.embedImages(images, { signal });
      embedMs += performance.now() - read;
      readMs += read - started;
      await index.add(
        batch.map(({ hexcode, names, files }, i) => ({
          id: hexcode,
          vector: vectors.data.slice(i * clip.width, (i + 1) * clip.width),
          metadata: { name: `${names.en} ${names.zh}`, path: files.noto },
        })),
      );
      stage.update(at + batch.length, concepts.length);
    }
  } finally {
    stage.end();
  }
  return { index, readMs, embedMs };
}

async function warmUp(clip: ClipSpace, index: FlatIndex): Promise<void> {
  const { vectors } = await clip.embedText(['warm up']);
  for (let run = 0; run < 10; run++) await index.search(vectors.data, { k: BEST });
}

async function ask(
  query: DemoQuery,
  concepts: readonly Concept[],
  clip: ClipSpace,
  index: FlatIndex,
  signal: AbortSignal,
): Promise<DemoAnswer> {
  const byHexcode = new Map(concepts.map((concept) => [concept.hexcode, concept]));
  const shown = 'text' in query ? undefined : byHexcode.get(query.pictureOf)!;
  const picture = shown?.files.twemoji;
  const image = picture === undefined ? undefined : await decodeImage(picture);
  const start = performance.now();
  const { vectors } =
    image === undefined
      ? await clip.embedText(['text' in query ? query.text : ''], { signal })
      : await clip.embedImages([image], { signal });
  const embedded = performance.now();
  const hits = await index.search(vectors.data.slice(), { k: BEST });
  const searchMs = performance.now() - embedded;
  return {
    query: 'text' in query ? query.text : shown!.names.en,
    language: 'text' in query ? query.language : 'en',
    ...(picture !== undefined && { picture }),
    hits: hits.map(({ id, score }, i) => ({ rank: i + 1, score, names: byHexcode.get(id)!.names, path: byHexcode.get(id)!.files.noto })),
    embedMs: embedded - start,
    searchMs,
  };
}

async function draw(result: DemoResult, index: FlatIndex, out: string) {
  const start = performance.now();
  // Loaded here: only the demo draws, and fonts are there in a clone only.
  const [{ contactSheetHtml }, { contactSheetPng }] = await Promise.all([
    import('../demo/contact-sheet-html.js'),
    import('../demo/contact-sheet-png.js'),
  ]);
  const files = { html: join(out, 'index.html'), png: join(out, 'contact-sheet.png'), index: join(out, 'noto.index') };
  try {
    await writeFileAtomic(files.html, new TextEncoder().encode(await contactSheetHtml(result)));
    await writeFileAtomic(files.png, await contactSheetPng(result));
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (typeof code !== 'string') throw cause;
    throw new CliError({
      code: 'OUTPUT_FOLDER',
      message: `cannot write to the folder ${out} (${code}).`,
      fix: 'Choose another with --out.',
      cause,
    });
  }
  await saveIndex(files.index, index);
  return { files, milliseconds: performance.now() - start };
}

function* report(
  { model, pictures, quality, answers }: DemoResult,
  timings: DemoTimings,
  files: { html: string; png: string; index: string },
): Generator<string> {
  for (const { query, picture, hits } of answers) {
    yield '';
    yield picture === undefined ? `“${query}”` : `a picture: ${query}, as Twemoji draws it`;
    const rows = hits.slice(0, SHOWN).map(({ rank, names, score }) => [`${rank}`, names.en, names.zh, score.toFixed(3)]);
    yield* table([['rank', 'picture', '', 'similarity'], ...rows], ['right', 'left', 'left', 'right']);
  }
  yield '';
  yield `Quality of ${printable(model.name)} on these ${pictures.toLocaleString('en')} pictures, whose vendor it never saw:`;
  yield* quality === undefined ? ['  not measured yet: npm run eval:starter'] : qualityRows(quality);
  yield '';
  yield 'Time:';
  const median = (values: number[]) => values.sort((a, b) => a - b)[values.length >> 1]!;
  const rows = [
    ['load the model', timings.loadModelMs],
    [`read ${count(pictures, 'picture')}`, timings.readPicturesMs],
    ['embed them', timings.embedPicturesMs],
    ['embed a query (median)', median(answers.map(({ embedMs }) => embedMs))],
    ['search (median)', median(answers.map(({ searchMs }) => searchMs))],
    ['draw the contact sheet', timings.contactSheetMs],
    ['in all', timings.totalMs],
  ] as const;
  yield* table(
    rows.map(([label, milliseconds]) => [label, seconds(milliseconds)]),
    ['left', 'right'],
  );
  yield '';
  yield `Contact sheet, each query with its best ${BEST}:`;
  yield `  ${printable(pathToFileURL(files.html).href)}`;
  yield `  ${printable(relative('', files.png))}`;
  yield '';
  yield 'Try next:';
  yield `  npx polymodal search "a bouquet of flowers" --index ${printable(relative('', files.index))}`;
  yield '  npx polymodal index ./pictures              your own pictures';
  yield '  npx polymodal search "红色的心"              in English or Chinese';
  yield '  npx polymodal search --image cat.png --json  by a picture, for machines';
}
