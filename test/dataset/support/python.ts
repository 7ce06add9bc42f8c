/** A reader that is not ours: Python's tarfile and json. */

import { execFileSync } from 'node:child_process';

export interface Member {
  readonly name: string;
  readonly size: number;
  readonly mode: number;
  /** In hexadecimal. */
  readonly sha256: string;
  /** Of KEY.json, what it says; of KEY.txt, its text; null for a picture. */
  readonly contents: unknown;
}

const LIST = `
import hashlib, json, sys, tarfile
members = []
for path in sys.argv[1:]:
    with tarfile.open(path, 'r:') as tar:
        for m in tar:
            assert m.isfile(), m
            data = tar.extractfile(m).read()
            contents = None
            if m.name.endswith('.json'): contents = json.loads(data)
            if m.name.endswith('.txt'): contents = data.decode()
            members.append(dict(name=m.name, size=m.size, mode=m.mode, sha256=hashlib.sha256(data).hexdigest(), contents=contents))
print(json.dumps(members))
`;

/** The members of one or more tars, in their order. */
export function tarMembers(...paths: string[]): readonly Member[] {
  const said = execFileSync('python3', ['-c', LIST, ...paths], { maxBuffer: 2 ** 28 });
  return JSON.parse(said.toString()) as Member[];
}
