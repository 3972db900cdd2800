export const inBrowser = 'location' in globalThis;

/** Whether this is a worker: what the page does in its stead is not done again there. */
export const inWorker = inBrowser && !('document' in globalThis);

/** What this place lacks for WebGPU; Node compares on its CPU. */
export async function gpuLack(): Promise<string | undefined> {
  if (!inBrowser) return undefined;
  if (inWorker) return 'WebGPU is for the page';
  const { gpu } = (globalThis as unknown as { navigator: { gpu?: { requestAdapter(): Promise<object | null> } } }).navigator;
  return gpu === undefined || (await gpu.requestAdapter()) === null ? 'no WebGPU adapter' : undefined;
}
