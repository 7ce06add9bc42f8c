import type { DataFormat } from './data-part.js';
import { files } from './files.js';
import type { DatasetFormat } from './layout.js';
import { spool } from './spool.js';
import { webdataset } from './webdataset.js';

export const FORMATS: Readonly<Record<DatasetFormat, DataFormat>> = { files, webdataset, parquet: spool };
