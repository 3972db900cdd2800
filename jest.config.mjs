import { fileURLToPath } from 'node:url';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

/** One configuration for every package: `jest -c ../../jest.config.mjs --rootDir .` */
export default {
  testEnvironment: here('./jest.environment.mjs'),
  testEnvironmentOptions: { customExportConditions: ['@polymodal/source', 'node', 'node-addons'] },
  testMatch: ['<rootDir>/src/**/*.test.ts', '<rootDir>/test/**/*.test.ts'],
  extensionsToTreatAsEsm: ['.ts'],
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': ['$1.ts', '$1.js'] },
  transform: { '^.+\\.ts$': ['@swc/jest', { jsc: { target: 'es2022', parser: { syntax: 'typescript' } }, module: { type: 'es6' } }] },
  // @xenova/transformers is ESM only, so suites run as native ESM (NODE_OPTIONS=--experimental-vm-modules in each package's script).
  reporters: ['default', here('./scripts/jest-totals.mjs')],
  // Generous, so that a busy machine is slow and not red: tests that hang are found all the same.
  testTimeout: 240_000,
  maxWorkers: 1,
};
