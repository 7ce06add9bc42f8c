import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * The path of a file that comes with sluice, given from the package's folder. This module lies at one depth in the sources and at
 * another when it is bundled: the nearest folder above that has the file is the package's. Throws where none has: the package is not
 * whole.
 */
export function packageFile(...path: readonly string[]): string {
  const start = dirname(fileURLToPath(import.meta.url));
  for (let folder = start; ; folder = dirname(folder)) {
    const file = join(folder, ...path);
    if (existsSync(file)) return file;
    if (folder === dirname(folder)) {
      throw new Error(`${join(...path)} lies in no folder above ${start}: install sluice again.`);
    }
  }
}
