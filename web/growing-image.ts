/** How a picture that is still coming is decoded again and again: a browser by itself would paint what came but once a second. */

/** Between two decodings, at least; and no more bytes a second than this are decoded anew, in bytes a millisecond. */
const AGAIN_MS = 120;
const DECODED_PER_MS = 20_000;

/**
 * Reads `source` to its end and shows what has come so far: `onShown` is told the URL of a picture that is already decoded, as often as
 * makes sense. Ends with the signal; the last URL then becomes void.
 */
export async function growImage(
  source: string,
  signal: AbortSignal,
  onShown: (url: string) => void,
): Promise<void> {
  const response = await fetch(source, { signal });
  if (response.status !== 200 || response.body === null) return;
  const type = response.headers.get('content-type') ?? '';
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  let shown: string | undefined;
  let length = 0;
  let decodedAt = Number.NEGATIVE_INFINITY;
  let decoding: Promise<void> | undefined;
  const decode = async () => {
    const url = URL.createObjectURL(new Blob(chunks, { type }));
    if (!(await isDecodable(url)) || signal.aborted) return URL.revokeObjectURL(url);
    if (shown !== undefined) URL.revokeObjectURL(shown);
    shown = url;
    onShown(url);
  };
  signal.addEventListener('abort', () => shown !== undefined && URL.revokeObjectURL(shown), { once: true });
  for (const reader = response.body.getReader(); ; ) {
    const { done, value } = await reader.read();
    if (done) break;
    chunks.push(value);
    length += value.length;
    if (
      decoding !== undefined ||
      performance.now() - decodedAt < Math.max(AGAIN_MS, length / DECODED_PER_MS)
    ) {
      continue;
    }
    decodedAt = performance.now();
    decoding = decode().finally(() => {
      decoding = undefined;
    });
  }
  await decoding;
  await decode();
}

/** Whether anything can be seen of the picture; its beginning alone may be too little. */
function isDecodable(url: string): Promise<boolean> {
  const image = new Image();
  return new Promise((resolve) => {
    image.onload = () => resolve(true);
    image.onerror = () => resolve(false);
    image.src = url;
  });
}
