/**
 * `npm run scenarios`: runs the scenarios against the built command and prints what each got. Words after `--` choose those whose topic or
 * name has one of them. The status is 1 where one is not as it has to be.
 */

import { setup as build } from '../support/build.js';
import { type Result, runAll } from './run.js';
import type { Scenario } from './scenario.js';
import { SCENARIOS } from './scenarios.js';

/** They wait more than they work. */
const AT_ONCE = 4;

build();
const words = process.argv.slice(2);
const chosen = Object.entries(SCENARIOS).flatMap(([topic, scenarios]) =>
  scenarios.filter(
    ({ name }) => words.length === 0 || words.some((word) => topic === word || name.includes(word)),
  ),
);
const results = new Map<Scenario, Result>();
const began = performance.now();
console.log('got  want  MB    ms  scenario');
await runAll(chosen, AT_ONCE, (result) => {
  results.set(result.scenario, result);
  print(result);
});
const differing = [...results.values()].filter(({ differences }) => differences.length > 0);
const seconds = ((performance.now() - began) / 1000).toFixed(1);
const peak = Math.max(...[...results.values()].map(({ peakMb = 0 }) => peakMb)).toFixed(0);
console.log(
  `${results.size} scenarios in ${seconds} s, at most ${peak} MB: ${results.size - differing.length} as they have to be, ${differing.length} not`,
);
process.exitCode = differing.length === 0 ? 0 : 1;

function print({ scenario, status, differences, peakMb, ms }: Result): void {
  const figures = [
    String(status ?? 'none').padStart(4),
    String(scenario.status).padStart(4),
    (peakMb?.toFixed(0) ?? '-').padStart(4),
    ms.toFixed(0).padStart(5),
  ];
  console.log(`${figures.join(' ')}  ${scenario.name}`);
  for (const difference of differences) console.log(`     NOT AS IT HAS TO BE: ${difference}`);
}
