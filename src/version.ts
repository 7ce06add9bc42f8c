/** The version of this package, as in package.json: a test holds that they are the same. */
export const VERSION = '0.1.0';
