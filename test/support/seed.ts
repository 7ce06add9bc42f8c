import fc from 'fast-check';

/**
 * Properties are tried with the same inputs at every run, so that a change that fails did the failing. To look for new ones:
 * `SLUICE_SEED=$RANDOM npx vitest run`.
 */
fc.configureGlobal({ seed: Number(process.env.SLUICE_SEED ?? 9112) });
