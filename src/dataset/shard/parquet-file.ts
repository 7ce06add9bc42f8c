import type { SchemaElement } from 'hyparquet';
import { ByteWriter, type ColumnSource, ParquetWriter } from 'hyparquet-writer';
import type { Cell } from '../row.js';
import { AppendFile } from './append-file.js';
import { asType } from './cell-type.js';
import type { ColumnType } from './columns.js';

const BUFFER_BYTES = 1024 * 1024;

/** A column of a table that is being written. Pictures are `bytes`. */
export interface TableColumn {
  readonly name: string;
  readonly type: ColumnType | 'bytes';
}

/** One column's values of a row group. */
export type Values = readonly (Cell | Uint8Array)[];

const SCHEMA: Readonly<Record<TableColumn['type'], Pick<SchemaElement, 'type' | 'converted_type'>>> = {
  boolean: { type: 'BOOLEAN' },
  int32: { type: 'INT32' },
  int64: { type: 'INT64' },
  double: { type: 'DOUBLE' },
  string: { type: 'BYTE_ARRAY', converted_type: 'UTF8' },
  bytes: { type: 'BYTE_ARRAY' },
};

/** A parquet file that is written a row group at a time, of which only that one is in memory. Throws `write-failed`. */
export class ParquetFile {
  readonly #file: AppendFile;
  readonly #writer: ParquetWriter;

  constructor(
    path: string,
    private readonly columns: readonly TableColumn[],
  ) {
    this.#file = AppendFile.create(path);
    const schema: SchemaElement[] = [
      { name: 'root', num_children: columns.length },
      ...columns.map(
        ({ name, type }): SchemaElement => ({ name, repetition_type: 'OPTIONAL', ...SCHEMA[type] }),
      ),
    ];
    this.#writer = new ParquetWriter({ writer: new FileBytes(this.#file), schema, createdBy: 'sluice' });
  }

  /** One row group; `values` has the values of each column. */
  add(values: readonly Values[]): void {
    const rows = values[0]!.length;
    const columnData = this.columns.map((column, i) => sourceOf(column, values[i]!));
    this.#writer.write({ columnData, rowGroupSize: rows });
  }

  /** Resolves when the whole file is on the disk. */
  async finish(): Promise<void> {
    this.#writer.finish();
    await this.#file.sync();
    this.#file.close();
  }

  close(): void {
    this.#file.close();
  }
}

function sourceOf({ name, type }: TableColumn, values: Values): ColumnSource {
  // Pictures are compressed already, and no two are compared in the hope that they are the same.
  if (type === 'bytes')
    return { name, data: [...values], codec: 'UNCOMPRESSED', encoding: 'PLAIN', statistics: false };
  if (type === 'int32') return { name, data: [...values] };
  const data = values.map((value) => (value instanceof Uint8Array ? value : asType(type, value)));
  return { name, data };
}

/** The writer's buffer, emptied into the file as it fills. */
class FileBytes extends ByteWriter {
  constructor(private readonly file: AppendFile) {
    super(BUFFER_BYTES);
  }

  override ensure(size: number): void {
    if (this.index > 0 && this.index + size > this.buffer.byteLength) this.flush();
    super.ensure(size);
  }

  flush(): void {
    this.file.append(this.getBytes());
    this.index = 0;
  }

  override finish(): void {
    this.flush();
  }
}
