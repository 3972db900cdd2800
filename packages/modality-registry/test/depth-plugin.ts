import { definePlugin, fingerprint, PolymodalError, type TensorLike, throwIfAborted } from '@polymodal/modality-registry';

/** Metres from the camera, row by row. */
export interface DepthMap {
  readonly metres: Float32Array;
  readonly width: number;
  readonly height: number;
}

declare module '@polymodal/modality-registry' {
  interface ModalityMap {
    depth: DepthMap;
  }
}

export class DepthError extends PolymodalError {}

const patchSize = 2;
const patchWidth = patchSize * patchSize;
const space = { name: 'acme-depth-v1', fingerprint: fingerprint(['mean and span of metres']) };

/** The pixels of patch `patch`, as indices into a map. */
function pixelsOf(patch: number, width: number): number[] {
  const perRow = width / patchSize;
  const corner = Math.floor(patch / perRow) * patchSize * width + (patch % perRow) * patchSize;
  return [corner, corner + 1, corner + width, corner + width + 1];
}

/** Refuses what is no list of depth maps of one size. */
function readMaps(maps: readonly DepthMap[]): { width: number; height: number } {
  if (!Array.isArray(maps)) {
    throw new DepthError({ code: 'DEPTH_BATCH', message: 'a batch is a list of depth maps.', fix: 'Pass [map].' });
  }
  const { width = patchSize, height = patchSize } = (maps[0] ?? {}) as Partial<DepthMap>;
  const fits = (map: DepthMap | null | undefined) =>
    map?.width === width && map.height === height && map.metres instanceof Float32Array && map.metres.length === width * height;
  if (width % patchSize !== 0 || height % patchSize !== 0 || !maps.every(fits)) {
    const fix = `Crop the maps to one size, a multiple of ${patchSize}.`;
    throw new DepthError({ code: 'DEPTH_SIZE', message: `not every map of the batch has ${width}×${height} values.`, fix });
  }
  return { width, height };
}

/** Mean and span of each map. [batch, 2] */
function summarise(maps: readonly DepthMap[]): TensorLike<'float32'> {
  const rows = maps.map(({ metres }) => {
    const mean = metres.reduce((sum, value) => sum + value, 0) / metres.length;
    return [mean, Math.max(...metres) - Math.min(...metres)];
  });
  return { type: 'float32', dims: [maps.length, 2], data: Float32Array.from(rows.flat()) };
}

export const depth = definePlugin({
  name: '@acme/depth',
  version: '1.0.0',
  parts: [
    {
      kind: 'tokenizer',
      modality: 'depth',
      async encode(maps, options) {
        throwIfAborted(options?.signal);
        const { width, height } = readMaps(maps);
        const length = (width * height) / patchWidth;
        const values = maps.flatMap(({ metres }) => Array.from({ length }, (_, patch) => pixelsOf(patch, width).map((i) => metres[i]!)));
        const data = Float32Array.from(values.flat());
        return {
          values: { type: 'float32', dims: [maps.length, length, patchWidth], data },
          grid: [1, height / patchSize, width / patchSize],
        };
      },
      async decode(tokens, options) {
        throwIfAborted(options?.signal);
        const { values, grid } = tokens ?? {};
        const [batch = 0, length = 0] = values?.dims ?? [];
        if (values === undefined || grid === undefined || values.data.length !== batch * length * patchWidth) {
          throw new DepthError({
            code: 'DEPTH_TOKENS',
            message: 'these are not the patches of depth maps.',
            fix: 'Pass what encode gave.',
          });
        }
        const [, rows, columns] = grid;
        return Array.from({ length: batch }, (_, item) => {
          const metres = new Float32Array(length * patchWidth);
          for (let patch = 0; patch < length; patch++) {
            pixelsOf(patch, columns * patchSize).forEach((pixel, i) => {
              metres[pixel] = values.data[(item * length + patch) * patchWidth + i]!;
            });
          }
          return { metres, width: columns * patchSize, height: rows * patchSize };
        });
      },
    },
    {
      kind: 'embedder',
      modality: 'depth',
      space,
      width: 2,
      async embed(maps, options) {
        throwIfAborted(options?.signal);
        readMaps(maps);
        return { vectors: summarise(maps), space };
      },
    },
  ],
});
