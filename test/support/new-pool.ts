import { onTestFinished } from 'vitest';
import { ConnectionPool } from '../../src/connection/pool.js';

/** A pool of the test's own, closed at its end. */
export function newPool(): ConnectionPool {
  const pool = new ConnectionPool();
  onTestFinished(() => pool.close());
  return pool;
}
