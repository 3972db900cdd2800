/** The version of this package, which its plugins carry. */
export const VERSION = '0.0.0';
