import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Script } from 'node:vm';

/** The command's bundle in `dist/`, where its first file and the build find it. */
export class CommandScript {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  get file(): string {
    return join(this.#folder, 'command.cjs');
  }

  /** What V8 made of the bundle when it was built: of use to the same version of Node only. */
  get cacheFile(): string {
    return join(this.#folder, `command-${process.version}-${process.arch}.cache`);
  }

  /** Where V8 does not accept `cachedData` (it was run with other flags), it compiles the source as if there were none. */
  compile(cachedData?: Buffer): Script {
    const source = readFileSync(this.file, 'utf8');
    return new Script(`(function (require, __filename) {${source}\n})`, { filename: this.file, cachedData });
  }

  run(script: Script, require: NodeJS.Require): void {
    script.runInThisContext()(require, this.file);
  }
}
