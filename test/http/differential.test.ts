import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyReply, type Reply } from './arbitrary-replies.js';
import { agree, explain, type Pair, RULES } from './differences.js';
import { type NodeTold, nodeTells } from './node-client.js';
import { cutAt, replay } from './replay.js';

const REPLIES = 8000;
const SEED = 9112;

async function readBoth(reply: Reply): Promise<Pair> {
  const pieces = cutAt(reply.bytes, reply.cuts).filter((piece) => piece.length > 0);
  const ours = replay(reply.method, pieces, true);
  return { reply, text: reply.bytes.toString('latin1'), ours, node: await nodeTells(reply.method, pieces) };
}

function show({ reply, text, ours, node }: Pair): string {
  return [
    `Unexplained with llhttp ${process.versions.llhttp}: the answer to ${reply.method}, cut at [${reply.cuts}],`,
    JSON.stringify(text),
    `sluice: ${JSON.stringify(ours)}`,
    `Node:   ${JSON.stringify(node)}`,
  ].join('\n');
}

describe('ResponseReader and Node', () => {
  it(`tell the same of ${REPLIES} replies, but for differences with a name`, {
    timeout: 60_000,
  }, async () => {
    const counts = new Map(RULES.map(({ name }) => [name, 0]));
    let agreed = 0;
    let goodAgreed = 0;
    await fc.assert(
      fc.asyncProperty(anyReply, async (reply) => {
        const pair = await readBoth(reply);
        if (agree(pair)) {
          agreed++;
          if (pair.ours.error === undefined) goodAgreed++;
          return;
        }
        const name = explain(pair);
        if (name === undefined) throw new Error(show(pair));
        counts.set(name, (counts.get(name) ?? 0) + 1);
      }),
      { seed: SEED, numRuns: REPLIES },
    );
    expect(agreed).toBeGreaterThan(0.7 * REPLIES);
    // Agreeing on refusals alone would prove little.
    expect(goodAgreed).toBeGreaterThan(0.3 * REPLIES);
    for (const [name, count] of counts) expect(count, name).toBeGreaterThan(0);
  });

  it('are told apart where the body, a field, a trailer or the end differs', async () => {
    const text = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nA: b\r\n\r\n';
    const pair = await readBoth({ method: 'GET', bytes: Buffer.from(text), cuts: [60] });
    expect(agree(pair)).toBe(true);
    const wrong: Partial<NodeTold>[] = [
      { body: 'o' },
      { trailers: [] },
      { interims: [100] },
      { complete: false, error: 'ECONNRESET' },
      { complete: false, error: 'HPE_STRICT' },
      { head: { httpVersion: '1.1', status: 200, reason: 'OK', fields: [] } },
    ];
    for (const change of wrong) {
      const changed = { ...pair, node: { ...pair.node, ...change } };
      expect(agree(changed), JSON.stringify(change)).toBe(false);
      expect(explain(changed), JSON.stringify(change)).toBeUndefined();
    }
  });
});
