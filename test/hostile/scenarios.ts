import { CLOCKS } from './clocks.js';
import { CLOSE_NOTIFY } from './close-notify.js';
import { CODINGS } from './coding.js';
import { ENDLESS } from './endless.js';
import { FRAMING } from './framing.js';
import { GUARD } from './guard.js';
import { HEADS } from './heads.js';
import { NAMES } from './names.js';
import { ODDITIES } from './oddities.js';
import { PICTURES } from './pictures.js';
import { PROXIES } from './proxies.js';
import { RATIO } from './ratio.js';
import { REDIRECTS } from './redirects.js';
import { RESETS } from './resets.js';
import { RESUME } from './resume.js';
import { RETRIES } from './retries.js';
import type { Scenario } from './scenario.js';
import { STALLS } from './stalls.js';
import { TERMINAL } from './terminal.js';
import { TLS } from './tls.js';
import { TRUNCATIONS } from './truncation.js';

/** Every scenario, by its topic. */
export const SCENARIOS: Readonly<Record<string, readonly Scenario[]>> = {
  truncation: TRUNCATIONS,
  resets: RESETS,
  stalls: STALLS,
  clocks: CLOCKS,
  framing: FRAMING,
  heads: HEADS,
  redirects: REDIRECTS,
  guard: GUARD,
  proxies: PROXIES,
  coding: CODINGS,
  ratio: RATIO,
  endless: ENDLESS,
  pictures: PICTURES,
  names: NAMES,
  terminal: TERMINAL,
  tls: TLS,
  'close-notify': CLOSE_NOTIFY,
  retries: RETRIES,
  resume: RESUME,
  oddities: ODDITIES,
};
