import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * The path of the picture that comes with sluice. This module lies at one depth in the sources and at another
 * when it is bundled: the nearest folder above that has the picture is the package's. Throws where none has:
 * the package is not whole.
 */
export function bundledPicture(): string {
  const start = dirname(fileURLToPath(import.meta.url));
  for (let folder = start; ; folder = dirname(folder)) {
    const file = join(folder, 'assets', 'cover.jpg');
    if (existsSync(file)) return file;
    if (folder === dirname(folder)) {
      throw new Error(`assets/cover.jpg lies in no folder above ${start}: install sluice again.`);
    }
  }
}
