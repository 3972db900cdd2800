import type { Backend, Tensor } from '@polymodal/autograd';

/** The same backend, which knows how many of its tensors and programs are not disposed of. */
export function countingBackend(inner: Backend): { readonly backend: Backend; readonly live: () => { tensors: number; programs: number } } {
  const tensors = new Set<Tensor>();
  const programs = new Set<object>();
  const count = (tensor: Tensor): Tensor => {
    const dispose = tensor.dispose.bind(tensor);
    tensors.add(tensor);
    return Object.assign(tensor, {
      dispose() {
        tensors.delete(tensor);
        dispose();
      },
    });
  };
  const backend: Backend = {
    name: inner.name,
    tensor: (value) => count(inner.tensor(value)),
    async compile(model, options) {
      const program = await inner.compile(model, options);
      programs.add(program);
      return {
        ...program,
        async run(feeds, out = {}, fetch) {
          const results = await program.run(feeds, out, fetch);
          for (const [name, tensor] of Object.entries(results)) if (out[name] === undefined) count(tensor);
          return results;
        },
        async release() {
          programs.delete(program);
          await program.release();
        },
      };
    },
    dispose: () => inner.dispose(),
  };
  return { backend, live: () => ({ tensors: tensors.size, programs: programs.size }) };
}
