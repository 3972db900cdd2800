import { expect, test } from '@jest/globals';
import { findPython, startPython } from './python-peer.js';

test('a Python without the module, or none at all, is no peer', () => {
  expect(findPython('a_module_that_nobody_has')).toBeUndefined();
});

test('a child that ends before it answers is an error with what it wrote', async () => {
  // Node cannot run the Python script, and says so on stderr.
  await expect(startPython(process.execPath, 'train_w3.py', {})).rejects.toThrow(/train_w3\.py ended early: [\s\S]*Error/);
});
