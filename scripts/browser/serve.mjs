import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { dirname, extname, join } from 'node:path';

const headers = {
  // What a strict site sends: no eval; and what threads in WebAssembly need.
  'content-security-policy': "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; connect-src 'self'",
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-embedder-policy': 'require-corp',
};

const types = { '.js': 'text/javascript; charset=utf-8', '.mjs': 'text/javascript; charset=utf-8', '.wasm': 'application/wasm' };

/** The folder of the scripts and WebAssembly of ONNX Runtime, which load each other by their addresses and so are served as they are. */
const runtime = dirname(createRequire(import.meta.url).resolve('onnxruntime-web/wasm'));

/** Serves the scripts of a folder, an empty page at /, and ONNX Runtime at /onnxruntime-web, from a free port of 127.0.0.1. */
export async function serve(folder) {
  const server = createServer(async ({ url }, response) => {
    if (url === '/') {
      response.writeHead(200, { ...headers, 'content-type': 'text/html; charset=utf-8' }).end('<!doctype html><title>suites</title>');
      return;
    }
    try {
      const { pathname } = new URL(url, 'http://127.0.0.1');
      const [, inRuntime] = pathname.match(/^\/onnxruntime-web\/([^/]+)$/) ?? [];
      const content = await readFile(inRuntime === undefined ? join(folder, pathname) : join(runtime, inRuntime));
      response.writeHead(200, { ...headers, 'content-type': types[extname(pathname)] ?? types['.js'] }).end(content);
    } catch {
      response.writeHead(404, headers).end();
    }
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${server.address().port}/`,
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    },
  };
}
