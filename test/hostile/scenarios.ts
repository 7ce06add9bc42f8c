import { CODINGS } from './coding.js';
import { ENDLESS } from './endless.js';
import { FRAMING } from './framing.js';
import { HEADS } from './heads.js';
import { PICTURES } from './pictures.js';
import { REDIRECTS } from './redirects.js';
import { RESETS } from './resets.js';
import type { Scenario } from './scenario.js';
import { STALLS } from './stalls.js';
import { TRUNCATIONS } from './truncation.js';

/** Every scenario, by its topic. */
export const SCENARIOS: Readonly<Record<string, readonly Scenario[]>> = {
  truncation: TRUNCATIONS,
  resets: RESETS,
  stalls: STALLS,
  framing: FRAMING,
  heads: HEADS,
  redirects: REDIRECTS,
  coding: CODINGS,
  endless: ENDLESS,
  pictures: PICTURES,
};
/** Those of what is not built yet, by topic: `npm run scenarios -- --pending` runs them, the tests don't. */
export const PENDING: Readonly<Record<string, readonly Scenario[]>> = {};
