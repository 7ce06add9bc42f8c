/** A cause that is more than half of all failures, and of so many, deserves a sentence. */
const DOMINATING = 0.5;
const FEWEST = 10;

/** What to try where one cause dominates. */
const REMEDIES: Readonly<Record<string, string>> = {
  'name-not-resolved': 'see whether names are resolved at all here, or try --dns-servers',
  'timeout-resolve': 'the name server may be overloaded: try --dns-servers or a lower --concurrency',
  'connection-refused': 'see whether the hosts still exist',
  'timeout-connect': 'try a lower --concurrency, or a longer --timeout',
  'timeout-total': 'try a longer --timeout, then --retry-failed=timeout',
  'timeout-first-byte': 'try a longer --timeout, then --retry-failed=timeout',
  'host-given-up': 'try --retry-failed=host-given-up another day',
  'http-status': 'see the statuses in the metadata; --retry-failed later helps where hosts were busy',
  'not-an-image': 'the URLs may lead to pages: see media types and final URLs in the metadata',
  'address-refused': 'the addresses are not public, or the ports are not for HTTP: --allow makes exceptions',
  'opt-out': 'the sites do not want their pictures in data sets',
  placeholder: 'they are what --drop-placeholders names',
  'too-large': 'raise --max-size or --max-pixels, if such pictures are wanted',
};

/** The sentence on the cause that most failures have, with what to try; undefined where none has most. `codes`: how many rows failed by each. */
export function dominantCause(codes: Iterable<readonly [code: string, rows: number]>): string | undefined {
  let failures = 0;
  let most: readonly [string, number] = ['', 0];
  for (const cause of codes) {
    failures += cause[1];
    if (cause[1] > most[1]) most = cause;
  }
  const [code, rows] = most;
  if (rows < FEWEST || rows / failures <= DOMINATING) return undefined;
  const share = Math.round((rows / failures) * 100);
  return `${share} % of the failures are ${code}: ${REMEDIES[code] ?? 'see error_message in the metadata'}.`;
}
