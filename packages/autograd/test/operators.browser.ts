import { type Expr, emitOnnx, evaluate } from '../src/index.js';
import type { OrtModule } from '../src/onnx/runtime.js';
import { gpuLack, inBrowser, inWorker } from './browser-places.js';
import { asFloat32, buildCase, type Case, largestDifference, named } from './operator-case.js';
import { operatorCases } from './operator-cases.js';
import { type RuntimeGaps, wasmGaps, webGpuGaps } from './runtime-gaps.js';

/** Rows made of other rows' operators alone. */
const composed =
  /^(upsampleLinear|einsum|l2Normalize|groupNorm|batchNorm|updateStatistics|standardDeviation|variance|smoothL1|binaryCrossEntropy|elu|mish|softplus|attention)/;

/**
 * A software adapter takes up to seconds to compile one shader. So of each operator the plainest row runs, and each row that is listed; all of
 * them ran when the list was made.
 */
function runOnGpu({ name }: Case): boolean {
  const plain = !name.includes('(') && !composed.test(name);
  return plain || name === 'convolution (1×1)' || webGpuGaps.fails.some((fails) => fails === name || fails === `${name}: gradient`);
}

/** Collects what is written to the console while `act` runs, and what a runtime that starts in it writes later. */
async function listen<T>(heard: string[], act: () => Promise<T>): Promise<T> {
  const methods = ['log', 'info', 'warn', 'error'] as const;
  const own = methods.map((method) => console[method]);
  for (const method of methods) console[method] = (...parts: unknown[]) => heard.push(parts.join(' '));
  try {
    return await act();
  } finally {
    methods.forEach((method, i) => {
      console[method] = own[i]!;
    });
  }
}

/** The operators that were placed on the CPU, from the log of a session's creation; all of them where it names none. */
function placedOnCpu(log: readonly string[]): string[] {
  const found = new Set<string>();
  let here = false;
  for (const line of log) {
    const place = /placed on \[(\w+)\]/.exec(line);
    if (place !== null) {
      here = place[1] === 'CPUExecutionProvider';
      if (here && line.includes('All nodes')) found.add('all');
      continue;
    }
    const [, type] = /\]\s+(\w+) \(\w*\)/.exec(line) ?? [];
    if (here && type !== undefined) found.add(type);
  }
  return [...found];
}

/** Whether the runtime computes these outputs as the reference does. */
async function computes(ort: OrtModule, provider: string, row: Case, outputs: Readonly<Record<string, Expr>>, tolerance: number) {
  const { values } = buildCase(row);
  const session = await ort.InferenceSession.create(emitOnnx({ outputs }), { executionProviders: [provider], logSeverityLevel: 4 });
  try {
    const feeds = asFloat32(values);
    const fed = session.inputNames.map((name) => [name, new ort.Tensor('float32' as never, feeds[name]!.data as never, feeds[name]!.dims)]);
    const results = await session.run(Object.fromEntries(fed), Object.fromEntries(Object.keys(outputs).map((name) => [name, null])));
    const expected = evaluate(Object.values(outputs), { inputs: named(values) });
    return Object.keys(outputs).every(
      (name, i) => largestDifference(Float64Array.from(results[name]!.data as ArrayLike<number>, Number), expected[i]!.data) < tolerance,
    );
  } catch {
    return false;
  } finally {
    await session.release();
  }
}

async function failing(ort: OrtModule, provider: string, rows: readonly Case[], tolerance: number): Promise<string[]> {
  const fails: string[] = [];
  for (const row of rows) {
    const { outputs, y } = buildCase(row);
    if (await computes(ort, provider, row, outputs, tolerance)) continue;
    const forward = 'y1' in outputs && (await computes(ort, provider, row, { y }, tolerance));
    fails.push(forward ? `${row.name}: gradient` : row.name);
  }
  return fails;
}

/** Where the rows' nodes are placed, by the runtime's own log. */
async function fallbacks(): Promise<Record<string, string[]>> {
  const heard: string[] = [];
  // A runtime of its own: it goes on writing to the console that it found when it started.
  const address = '/onnxruntime-web/ort.webgpu.min.mjs?listened-to';
  const create = async (ort: OrtModule, row: Case) => {
    const options = { executionProviders: ['webgpu'], logSeverityLevel: 0 };
    const session = await ort.InferenceSession.create(emitOnnx({ outputs: buildCase(row).outputs }), options);
    await session.release();
  };
  const ort = await listen(heard, async () => {
    const started = (await import(address)) as OrtModule;
    await create(started, operatorCases[0]!);
    return started;
  });
  const onCpu = new Map<string, string[]>();
  for (const row of operatorCases) {
    heard.length = 0;
    await create(ort, row);
    for (const type of placedOnCpu(heard)) onCpu.set(type, [...(onCpu.get(type) ?? []), row.name]);
  }
  return Object.fromEntries([...onCpu].sort(([a], [b]) => (a < b ? -1 : 1)));
}

// In Node, each case gives what the browser is expected to.
export default [
  {
    name: 'operators on WebAssembly fail as listed',
    lacks: () => (inWorker ? 'the page runs hundreds of sessions' : undefined),
    async run(): Promise<RuntimeGaps> {
      if (!inBrowser) return wasmGaps;
      const ort = (await import('onnxruntime-web/wasm')) as unknown as OrtModule;
      return { fails: await failing(ort, 'wasm', operatorCases, 1e-5), onCpu: {} };
    },
  },
  {
    name: 'operators on WebGPU fail and fall back as listed',
    lacks: gpuLack,
    async run(): Promise<RuntimeGaps> {
      if (!inBrowser) return webGpuGaps;
      const ort = (await import('onnxruntime-web/webgpu')) as unknown as OrtModule;
      return { fails: await failing(ort, 'webgpu', operatorCases.filter(runOnGpu), 1e-3), onCpu: await fallbacks() };
    },
  },
];
