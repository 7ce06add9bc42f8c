/** A reader of parquet that is not ours. */

import { DuckDBInstance, type Json } from '@duckdb/node-api';

/** The rows that a query gives; `$1` in it is `path`. */
export async function duckdb(query: string, path: string): Promise<Record<string, Json>[]> {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  try {
    const quoted = `'${path.replaceAll("'", "''")}'`;
    const reader = await connection.runAndReadAll(query.replaceAll('$1', () => quoted));
    return reader.getRowObjectsJson();
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}
