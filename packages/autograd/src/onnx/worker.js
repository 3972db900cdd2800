// Runs ONNX Runtime in a worker: only graph bytes and tensors cross to it. Plain JavaScript, so that it starts from source and from dist alike.
// Messages in: { id, call, ... }; out: { id, result } or { id, error }.

const sessions = new Map();
const tensors = new Map();
let ort;
// onnxruntime-web never copies an output back into a tensor of the caller's, and has its number of threads elsewhere.
let web = false;
let next = 1;

const keep = (tensor) => {
  const handle = next++;
  tensors.set(handle, tensor);
  return { handle, type: tensor.type, dims: tensor.dims };
};

const held = (map, handle, kind) => {
  if (!map.has(handle)) throw new Error(`the ${kind} has been released.`);
  return map.get(handle);
};

const resolve = (value) =>
  typeof value === 'number' ? held(tensors, value, 'tensor') : new ort.Tensor(value.type, value.data, value.dims);

const replace = (handle, value) => {
  const old = held(tensors, handle, 'tensor');
  if (value.dims.join() !== old.dims.join())
    throw new Error(`an output of shape [${value.dims}] was to be written to a tensor of shape [${old.dims}].`);
  old.dispose();
  tensors.set(handle, value);
};

const calls = {
  async start({ runtime }) {
    const module = await import(/* @vite-ignore */ /* webpackIgnore: true */ runtime);
    ort = module.InferenceSession ? module : module.default;
    web = ort.env?.versions?.web !== undefined;
  },
  async compile({ model, options: choice }) {
    const options = web ? choice.web : choice.other;
    if (web && options.intraOpNumThreads !== undefined) ort.env.wasm.numThreads = options.intraOpNumThreads;
    const session = await ort.InferenceSession.create(model, options);
    const handle = next++;
    sessions.set(handle, session);
    return { handle, inputNames: session.inputNames, outputNames: session.outputNames };
  },
  async run({ session, feeds, out, fetch }) {
    const inputs = Object.fromEntries(Object.entries(feeds).map(([name, value]) => [name, resolve(value)]));
    const fetches = Object.fromEntries(fetch.map((name) => [name, out[name] === undefined || web ? null : resolve(out[name])]));
    const results = await held(sessions, session, 'program').run(inputs, fetches);
    if (web) for (const name of fetch) if (out[name] !== undefined) replace(out[name], results[name]);
    return Object.fromEntries(
      Object.entries(results)
        .filter(([name]) => out[name] === undefined)
        .map(([name, value]) => [name, keep(value)]),
    );
  },
  async tensor({ handle, value }) {
    tensors.set(handle, resolve(value));
  },
  async read({ handle }) {
    return (await held(tensors, handle, 'tensor').getData()).slice();
  },
  async dispose({ handle }) {
    tensors.get(handle)?.dispose();
    tensors.delete(handle);
  },
  async release({ session }) {
    await sessions.get(session)?.release();
    sessions.delete(session);
  },
};

function serve(port) {
  // Calls are served in order: a tensor that is announced before a run is there when the run starts.
  let queue = Promise.resolve();
  const receive = (message) => {
    queue = queue.then(async () => {
      try {
        port.postMessage({ id: message.id, result: await calls[message.call](message) });
      } catch (error) {
        port.postMessage({ id: message.id, error: String(error?.message ?? error) });
      }
    });
  };
  if (port.on) port.on('message', receive);
  else port.onmessage = (event) => receive(event.data);
}

if (typeof self !== 'undefined' && typeof self.postMessage === 'function') serve(self);
else serve(process.getBuiltinModule('node:worker_threads').parentPort);
