/** How a list is written: said by its name, or by the caller. */
export const LIST_FORMATS = ['txt', 'csv', 'tsv', 'json', 'jsonl', 'parquet'] as const;
export type ListFormat = (typeof LIST_FORMATS)[number];

/** How a list may be packed on top of that: said by its name, and found by its first bytes where it has none. */
export type Packing = 'gzip' | 'zstd';

const EXTENSIONS: Readonly<Record<string, ListFormat>> = {
  txt: 'txt',
  csv: 'csv',
  tsv: 'tsv',
  json: 'json',
  jsonl: 'jsonl',
  ndjson: 'jsonl',
  parquet: 'parquet',
};

/** The format that a file's name says; none where it says another or nothing. A parquet file is read in place, and so never packed. */
export function formatOf(name: string): ListFormat | undefined {
  const bare = name.toLowerCase().replace(/\.(gz|zst)$/, '');
  const format = EXTENSIONS[/\.([a-z]+)$/.exec(bare)?.[1] ?? ''];
  return format === 'parquet' && bare.length < name.length ? undefined : format;
}

/** The packing that a file's name says. */
export function packingOf(name: string): Packing | undefined {
  if (/\.gz$/i.test(name)) return 'gzip';
  return /\.zst$/i.test(name) ? 'zstd' : undefined;
}

/** The packing that the first four bytes tell (RFC 1952 §2.3.1, RFC 8878 §3.1.1). */
export function packingByMagic(head: Uint8Array): Packing | undefined {
  if (head[0] === 0x1f && head[1] === 0x8b) return 'gzip';
  return head[0] === 0x28 && head[1] === 0xb5 && head[2] === 0x2f && head[3] === 0xfd ? 'zstd' : undefined;
}
