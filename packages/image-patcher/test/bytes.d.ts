/** A file's bytes, as esbuild bundles `import … with { type: 'bytes' }` for browser suites. */
declare module '*.u8' {
  const bytes: Uint8Array;
  export default bytes;
}
declare module '*.png' {
  const bytes: Uint8Array;
  export default bytes;
}
declare module '*.jpg' {
  const bytes: Uint8Array;
  export default bytes;
}
declare module '*.gif' {
  const bytes: Uint8Array;
  export default bytes;
}
