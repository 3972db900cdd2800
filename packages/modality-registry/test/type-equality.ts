/** True where two types are the same, `any` and `readonly` included. */
export type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

/** A statement about types that the compiler checks: `expectType<Equal<A, B>>()` does not compile where they differ. */
export function expectType<_Holds extends true>(): void {}
