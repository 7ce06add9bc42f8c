/** Names in a tar and in a folder: what belongs to one key has its name, up to the first dot (webdataset's rule). */

/** What lies beside a picture. */
const BESIDE: ReadonlySet<string> = new Set(['json', 'txt']);

export function memberName(key: string, extension: string): string {
  return `${key}.${extension}`;
}

export function splitName(name: string): readonly [key: string, extension: string] {
  const dot = name.indexOf('.');
  return dot < 0 ? [name, ''] : [name.slice(0, dot), name.slice(dot + 1)];
}

/** Whether it is a picture's, not what lies beside one. */
export function isPicture(extension: string): boolean {
  return !BESIDE.has(extension);
}
