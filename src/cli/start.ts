#!/usr/bin/env node
/**
 * The command's first file. Where V8 finds the code that it made of the bundle at the build, it compiles nothing. CommonJS, because Node's loader of ES
 * modules takes some milliseconds more to start (docs/decisions/0012-how-the-command-starts.md).
 */
import { existsSync, readFileSync } from 'node:fs';
import { CommandScript } from './command-script.js';

const command = new CommandScript(__dirname);
// Loaded by Node itself, the bundle is helped by a cache of the user's, in NODE_COMPILE_CACHE (Node 22.1).
if (existsSync(command.cacheFile)) command.run(command.compile(readFileSync(command.cacheFile)), require);
else require(command.file);
