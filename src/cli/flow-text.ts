import type { FlowLanes } from '../flow/lanes.js';
import { shownBytes } from '../quantities.js';
import type { Receipt } from '../retrieval/receipt.js';
import { flowDrawing } from './flow-drawing.js';

/** The ledger of one retrieval for people: where the time went, and who was the limit. */
export function flowText(receipt: Receipt, lanes?: FlowLanes): string[] {
  const { timing, flow, receives } = receipt;
  const rows: [string, number, string][] = [
    ['resolve', timing.resolve, 'the name to addresses'],
    ['connect', timing.connect, receipt.address === null ? 'TCP' : `TCP, to ${receipt.address}`],
    ['TLS', timing.tls, 'the handshake'],
    ['first byte', timing.firstByte, 'from the request to the reply'],
    ['waiting', Math.max(0, flow.waitingMs - timing.firstByte), 'we asked, and nothing came'],
    ['paused', flow.pausedMs, 'we did not ask'],
    ['receiving', flow.receivingMs, 'receiving and storing'],
    ['total', timing.total, ''],
  ];
  const longest = Math.max(...rows.map(([, ms]) => ms), Number.MIN_VALUE);
  const lines = rows.map(([name, ms, what]) => {
    const cells = name === 'total' ? '' : '#'.repeat(Math.round((ms / longest) * 24));
    return `  ${name.padEnd(10)} ${shownMs(ms).padStart(10)}  ${cells.padEnd(24)}  ${what}`.trimEnd();
  });
  const seconds = (flow.waitingMs + flow.pausedMs + flow.receivingMs) / 1000;
  const rate = seconds > 0 ? `, ${shownBytes(receipt.wireBytes / seconds)}/s` : '';
  const size =
    receives.count === 0 ? '' : ` of ${receives.min} to ${receives.max} bytes, ${receives.full} full`;
  lines.push(
    `  ${receipt.wireBytes} bytes in ${receives.count} ${receives.count === 1 ? 'receive' : 'receives'}${size}${rate}`,
  );
  if (flow.kernelQueueMax !== null)
    lines.push(`  kernel's receive queue: at most ${flow.kernelQueueMax} bytes seen`);
  if (lanes !== undefined) lines.push(...flowDrawing(lanes));
  return ['Flow', ...lines, `Limit: ${flow.limit}. ${flow.evidence}`];
}

function shownMs(ms: number): string {
  if (ms === 0) return '-';
  return ms < 10_000 ? `${ms.toFixed(1)} ms` : `${(ms / 1000).toFixed(2)} s`;
}
