/** Directories as data: laid out before, and looked at after. */

import { mkdirSync, readdirSync, readFileSync, readlinkSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Files } from './scenario.js';

/** What lies under a path: the bytes of a file, or in words what else it is. */
export type Snapshot = ReadonlyMap<string, Buffer | string>;

/** Makes `files` in `directory`; a name that ends in a slash is a directory. */
export function lay(directory: string, files: Files): void {
  for (const [name, file] of Object.entries(files)) {
    const path = join(directory, name);
    mkdirSync(name.endsWith('/') ? path : dirname(path), { recursive: true });
    if (name.endsWith('/')) continue;
    if (file instanceof RegExp) throw new Error(`${name}: a pattern is no file to begin with`);
    if (typeof file === 'string' || Buffer.isBuffer(file)) writeFileSync(path, file);
    else symlinkSync(file.link, path);
  }
}

/** All that lies under `root`, by its path from there. */
export function snapshot(root: string): Snapshot {
  const found = new Map<string, Buffer | string>();
  const look = (path: string) => {
    for (const entry of readdirSync(join(root, path), { withFileTypes: true })) {
      const name = join(path, entry.name);
      if (entry.isDirectory()) {
        found.set(`${name}/`, 'a directory');
        look(name);
      } else if (entry.isSymbolicLink()) found.set(name, `a link to ${readlinkSync(join(root, name))}`);
      else if (entry.isFile()) found.set(name, readFileSync(join(root, name)));
      else found.set(name, 'neither a file nor a directory');
    }
  };
  look('');
  return found;
}
