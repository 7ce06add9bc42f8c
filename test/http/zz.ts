import fc from 'fast-check';
import { anyReply } from './arbitrary-replies.js';
import { cutAt, replay } from './replay.js';
import { nodeTells } from './node-client.js';
const t0=Date.now();
const replies = fc.sample(anyReply, { seed: 5, numRuns: 2000 });
console.log('gen', Date.now()-t0);
const t1=Date.now();
let t=0; const c: Record<string,number>={};
for (const r of replies) {
  const pieces = cutAt(r.bytes, r.cuts).filter(p=>p.length>0);
  const n = await nodeTells(r.method, pieces);
  const o = replay(r.method, pieces, true);
  const k = `${o.error?.code ?? 'complete'} / ${n.complete?'complete':n.error}`;
  c[k]=(c[k]??0)+1;
}
console.log('run', Date.now()-t1, c);
